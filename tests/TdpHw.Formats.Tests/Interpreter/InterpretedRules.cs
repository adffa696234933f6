using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A format on one machine: what its entries mean there, and how addresses are walked.</summary>
internal sealed class InterpretedRules : IRulesUnderTest
{
    private readonly InterpretedFormat _format;
    private readonly Capabilities _capabilities;
    private readonly FieldRow[] _all;
    private readonly Dictionary<(string Symbol, int Level), FieldRow?> _conditionFields = [];
    private readonly Dictionary<(int Level, EntryLayout Layout), FieldRow[]> _fields = [];
    private readonly Dictionary<Rights, RightRow[]> _rights = [];
    private readonly Dictionary<(int Level, EntryLayout Layout), BitMeaning[]> _meanings = [];
    private readonly Dictionary<(int Level, EntryLayout Layout, BitMeaning Meaning), ulong> _masks = [];

    public InterpretedRules(InterpretedFormat format, Capabilities capabilities)
    {
        _format = format;
        _capabilities = capabilities;
        _all = [.. format.Fields.Select(field => field.On(capabilities)).OfType<FieldRow>()];
        foreach (string symbol in format.Fields.Concat(format.Views).Select(field => field.Symbol).Distinct())
        {
            for (int level = 1; level <= format.LevelCount; level++)
            {
                _conditionFields.Add((symbol, level), _all.Concat(format.Views).SingleOrDefault(row =>
                    row.Symbol == symbol && IsReadable(row, level)));
            }
        }

        foreach (Rights right in new[] { Rights.Read, Rights.Write, Rights.Execute, Rights.UserExecute, Rights.User })
        {
            // A format that does not tell user-mode fetches apart judges them like all others.
            RightRow[] rows = RowsOf(right);
            _rights.Add(right, rows.Length == 0 && right == Rights.UserExecute ? RowsOf(Rights.Execute) : rows);
        }

        // All bits are settled here, so that a definition which leaves one open or claims one twice does not resolve.
        for (int level = 1; level <= format.LevelCount; level++)
        {
            foreach (EntryLayout layout in LayoutsAt(level))
            {
                _fields.Add((level, layout), [.. _all.Where(field => IsField(field, level, layout))]);
                var meanings = new BitMeaning[64];
                for (int bit = 0; bit < 64; bit++)
                {
                    meanings[bit] = Settle(level, layout, bit);
                    (int, EntryLayout, BitMeaning) key = (level, layout, meanings[bit]);
                    _masks[key] = _masks.GetValueOrDefault(key) | (1ul << bit);
                }

                _meanings.Add((level, layout), meanings);
            }
        }
    }

    /// <summary>The depths of walk that the capabilities allow.</summary>
    public IEnumerable<WalkRow> Walks => _format.Walks
        .Where(walk => walk.Narrowing.Holds(_capabilities))
        .Select(walk => walk.InputFrom is null ? walk : walk with { InputBits = (int)_capabilities[walk.InputFrom]! })
        .Where(walk => walk.InputBits > ShiftOf(walk.Levels) && walk.InputBits <= ShiftOf(walk.Levels) + _format.IndexBits + 4);

    /// <summary>What the rights of a path are worth.</summary>
    public Rights Worth(Rights path) => path.HasFlag(_format.Required)
        ? path
        : path & ~(Rights.Read | Rights.Write | Rights.Execute | Rights.UserExecute);

    /// <summary>The address with the bits above those that a walk translates as the format wants them.</summary>
    public ulong Canonical(ulong address, int inputBits)
    {
        ulong low = inputBits == 64 ? ulong.MaxValue : (1ul << inputBits) - 1;
        bool isHigh = _format.IsCanonical && inputBits < 64 && (address >> (inputBits - 1) & 1) != 0;
        return isHigh ? address | ~low : address & low;
    }

    /// <summary>How many levels the format has under any capabilities.</summary>
    public int LevelCount => _format.LevelCount;

    /// <summary>Whether the machine has a capability that is a flag.</summary>
    public bool Has(string flag) => _capabilities.Flag(flag);

    /// <summary>The layouts that entries at a level can have.</summary>
    public IEnumerable<EntryLayout> LayoutsAt(int level)
    {
        yield return EntryLayout.NotPresent;
        LeafRow[] rows = [.. _format.Leaf.Where(row => row.Narrowing.IsAt(level))];
        if (rows.Any(IsSupported))
        {
            yield return EntryLayout.Leaf;
        }

        if (rows.Any(IsRefused))
        {
            yield return EntryLayout.RefusedLeaf;
        }

        // A row that asks for nothing takes every entry: there are no tables below.
        if (!rows.Any(row => IsSupported(row) && !row.Condition.Symbols.Any()))
        {
            yield return EntryLayout.Table;
        }
    }

    /// <summary>What one bit is; the layout must be one that the level has.</summary>
    public BitMeaning MeaningOf(int level, EntryLayout layout, int bit) => _meanings[(level, layout)][bit];

    /// <summary>The bits that must be zero; the layout must be one that the level has.</summary>
    public ulong ReservedMask(int level, EntryLayout layout) => MaskOf(level, layout, BitMeaning.Reserved);

    /// <summary>The bits that the hardware does not look at; the layout must be one that the level has.</summary>
    public ulong IgnoredMask(int level, EntryLayout layout) => MaskOf(level, layout, BitMeaning.Ignored);

    /// <summary>The bits that hold an address; the layout must be one that the level has.</summary>
    public ulong AddressMask(int level, EntryLayout layout) => MaskOf(level, layout, BitMeaning.Address);

    /// <summary>Says all there is to say of an entry.</summary>
    public EntryReading Decode(int level, ulong raw)
    {
        EntryLayout layout = LayoutOf(level, raw);
        bool present = layout != EntryLayout.NotPresent;
        ulong reserved = raw & ReservedMask(level, layout);
        string[] illegal = present
            ? [.. _format.Illegal.Where(row => IsBroken(row, level, layout, raw)).Select(row => row.Name).Distinct()]
            : [];
        FieldRow[] fields = _fields[(level, layout)];
        return new()
        {
            Layout = layout,
            Kind = KindOf(layout, reserved, illegal),
            Fields = [.. fields.Select(field => new FieldReading(field.Name, field.Symbol, field.ValueIn(raw)))],
            OutputAddress = !present ? null : layout == EntryLayout.Leaf ? PageOf(level, raw) : AddressIn(level, layout, raw),
            PageSize = layout == EntryLayout.Leaf ? 1ul << PageShiftOf(level, raw) : null,
            NextLevel = layout == EntryLayout.Table ? (int)(ValueOfRole("next-level") ?? (ulong)(level - 1)) : null,
            Rights = present ? RightsOf(level, layout, raw) : Rights.None,
            OwnRights = present ? RightsOf(level, layout, raw) & ~JudgedByLeavesAlone(level, layout) : Rights.None,
            MemoryType = layout == EntryLayout.Leaf ? (int?)ValueOfRole("memory-type") : null,
            Accessed = ValueOfRole("accessed") is { } accessed ? accessed != 0 : null,
            Dirty = ValueOfRole("dirty") is { } dirty ? dirty != 0 : null,
            ReservedBits = reserved,
            Res0Bits = present ? raw & MaskOf(level, layout, BitMeaning.Res0) : 0,
            Illegal = illegal,
        };

        ulong? ValueOfRole(string role) => fields.SingleOrDefault(field => field.Role == role)?.ValueIn(raw);
    }

    /// <summary>
    /// The value that conditions see: a field's bits, or 0 where the level has no such field or it is switched off.
    /// </summary>
    public ulong ValueOf(string symbol, int level, ulong raw)
    {
        return _conditionFields.TryGetValue((symbol, level), out FieldRow? field)
            ? field?.ValueIn(raw) ?? 0
            : throw new InvalidDataException($"{_format.Id} has no field '{symbol}' at level {level}.");
    }

    /// <summary>Translates one address below a root that all may use.</summary>
    public WalkResult Walk(Func<ulong, ulong?> memory, ulong root, int levels, InputAddress address, Access access) =>
        Walk(memory, root, levels, address, access, TdpHw.Formats.Rights.All);

    /// <summary>Translates one address.</summary>
    /// <param name="memory">Reads the entry at an address; null where there is no memory.</param>
    /// <param name="root">Where the root table lies.</param>
    /// <param name="levels">How many levels the walk has.</param>
    /// <param name="address">The address to translate.</param>
    /// <param name="access">What the access needs.</param>
    /// <param name="above">What the way to the root allows.</param>
    public WalkResult Walk(
        Func<ulong, ulong?> memory, ulong root, int levels, InputAddress address, Access access, Rights above)
    {
        WalkRow walk = Walks.SingleOrDefault(row => row.Levels == levels)
            ?? throw new ArgumentOutOfRangeException(nameof(levels), $"{_format.Id} has no walk of {levels} levels here.");
        if (address.Value != Canonical(address.Value, walk.InputBits))
        {
            return new() { Outcome = WalkOutcome.AddressTooWide };
        }

        Rights rights = above;
        ulong table = root;
        int level = levels;
        while (level >= 1)
        {
            // The root table is as large as the rest of the address asks for.
            int indexBits = level == levels ? walk.InputBits - ShiftOf(level) : _format.IndexBits;
            ulong index = (address.Value >> ShiftOf(level)) % (1ul << indexBits);
            ulong entryAddress = table + (index * sizeof(ulong));
            if (memory(entryAddress) is not { } raw)
            {
                return Stopped(WalkOutcome.NotInMemory, level, rights, 0, entryAddress);
            }

            EntryReading entry = Decode(level, raw);
            if (!entry.Present)
            {
                return Stopped(WalkOutcome.NotPresent, level, rights, raw, entryAddress);
            }

            Rights along = rights & entry.Rights;
            if (_format.CheckOrder == CheckOrder.PermissionFirst && !Allows(Worth(along), access))
            {
                return Stopped(WalkOutcome.PermissionDenied, level, along, raw, entryAddress);
            }

            if (entry.Kind == EntryKind.ReservedBitSet)
            {
                return Stopped(WalkOutcome.ReservedBitSet, level, rights, raw, entryAddress);
            }

            if (entry.Kind == EntryKind.IllegalEncoding)
            {
                return Stopped(WalkOutcome.IllegalEncoding, level, rights, raw, entryAddress);
            }

            Rights before = rights;
            rights = along;
            table = entry.OutputAddress!.Value;
            if (entry.Leaf)
            {
                rights = Worth(along);
                WalkOutcome outcome = Allows(rights, access) ? WalkOutcome.Mapped : WalkOutcome.PermissionDenied;
                ulong output = table + (address.Value % entry.PageSize!.Value);
                return new(
                    outcome, (byte)level, rights, raw, new(entryAddress), new(output), (byte)PageShiftOf(level, raw));
            }

            // The levels in between are not walked; an address that would need them is not mapped.
            int next = entry.NextLevel!.Value;
            if (address.Value % (1ul << ShiftOf(level)) >= 1ul << (ShiftOf(next) + _format.IndexBits))
            {
                return Stopped(WalkOutcome.NotPresent, level, before, raw, entryAddress);
            }

            level = next;
        }

        throw new InvalidDataException($"{_format.Id} has table entries at level 1.");
    }

    private static WalkResult Stopped(WalkOutcome outcome, int level, Rights rights, ulong raw, ulong entryAddress) =>
        new(outcome, (byte)level, rights, raw, new(entryAddress), default, 0);

    private static bool Allows(Rights rights, Access access) => access switch
    {
        Access.None => true,
        Access.Read => rights.HasFlag(Rights.Read),
        Access.Write => rights.HasFlag(Rights.Write),
        Access.Execute => rights.HasFlag(Rights.Execute),
        Access.UserExecute => rights.HasFlag(Rights.UserExecute),
        _ => throw new ArgumentOutOfRangeException(nameof(access)),
    };

    private static EntryKind KindOf(EntryLayout layout, ulong reserved, string[] illegal)
    {
        if (layout == EntryLayout.NotPresent)
        {
            return EntryKind.NotPresent;
        }

        if (reserved != 0)
        {
            return EntryKind.ReservedBitSet;
        }

        if (illegal.Length != 0)
        {
            return EntryKind.IllegalEncoding;
        }

        return layout == EntryLayout.Leaf ? EntryKind.Leaf : EntryKind.Table;
    }

    /// <summary>A refused leaf has the fields of a table entry.</summary>
    private static EntryLayout ForFields(EntryLayout layout) =>
        layout == EntryLayout.RefusedLeaf ? EntryLayout.Table : layout;

    private int ShiftOf(int level) => _format.PageShift + (_format.IndexBits * (level - 1));

    private bool IsSupported(LeafRow row) => row.Narrowing.Holds(_capabilities);

    private bool IsRefused(LeafRow row) => !row.Narrowing.Holds(_capabilities) && row.RefusedOtherwise;

    private bool IsField(FieldRow field, int level, EntryLayout layout) =>
        field.Narrowing.IsAt(level, ForFields(layout)) && field.Narrowing.Holds(_capabilities) && !IsLost(field, level, ForFields(layout));

    /// <summary>The topmost layer that has a row for a bit, whether the row's condition holds or not.</summary>
    private int LayerOf(int level, EntryLayout layout, int bit) => _format.Fields
        .Where(field => field.Bits.Contains(bit) && field.Narrowing.IsAt(level, layout))
        .Select(field => field.Layer)
        .Concat(_format.Bits.Where(row => row.Bits.Contains(bit) && row.Narrowing.IsAt(level, layout)).Select(row => row.Layer))
        .DefaultIfEmpty()
        .Min();

    /// <summary>Whether a layer above has a field's bits for something else.</summary>
    private bool IsLost(FieldRow field, int level, EntryLayout layout)
    {
        if (field.Layer == 0 || field.Position is not null)
        {
            return false;
        }

        if (layout is EntryLayout.Leaf or EntryLayout.Table)
        {
            return LayerOf(level, layout, field.Bits[0]) < field.Layer;
        }

        // Entries that are not present go with the others: what is no field of any present entry is none of theirs.
        EntryLayout[] present = [.. new[] { EntryLayout.Leaf, EntryLayout.Table }.Where(other => field.Narrowing.IsAt(level, other))];
        return present.Length > 0 && present.All(other => IsLost(field, level, other));
    }

    /// <summary>Whether conditions at a level can read a field.</summary>
    private bool IsReadable(FieldRow field, int level) =>
        field.Narrowing.IsAt(level) && field.Narrowing.Holds(_capabilities) && !IsLost(field, level, EntryLayout.NotPresent);

    private bool IsMet(Condition condition, Narrowing narrowing, int level, EntryLayout layout, ulong raw) =>
        narrowing.IsAt(level, ForFields(layout))
        && narrowing.Holds(_capabilities)
        && condition.Holds(symbol => ValueOf(symbol, level, raw));

    private bool IsBroken(IllegalRow row, int level, EntryLayout layout, ulong raw)
    {
        if (row.Bound is null)
        {
            return IsMet(row.Condition, row.Narrowing, level, layout, raw);
        }

        if (!row.Narrowing.IsAt(level, ForFields(layout)) || !row.Narrowing.Holds(_capabilities))
        {
            return false;
        }

        bool isLeaf = layout == EntryLayout.Leaf;
        string? size = isLeaf ? LeafRowOf(level, raw)!.Size : null;
        switch (row.Bound)
        {
            case "next-level" when !isLeaf:
                ulong next = _fields[(level, EntryLayout.Table)].Single(field => field.Role == "next-level").ValueIn(raw);
                return next == 0 || next >= (ulong)level;
            case "size" when size is not null:
                int shift = PageShiftOf(level, raw);
                return shift <= ShiftOf(level) || shift >= ShiftOf(level) + _format.IndexBits;
            case "alignment" when isLeaf && size is null:
                return (raw & MaskOf(level, layout, BitMeaning.Unaligned)) != 0;
            case "width":
                return AddressIn(level, layout, raw) >> (int)_capabilities[_format.Address.Limit!]!.Value != 0;
            default:
                return row.Bound is "next-level" or "size" or "alignment"
                    ? false
                    : throw new InvalidDataException($"The interpreter does not know the bound '{row.Bound}'.");
        }
    }

    private LeafRow? LeafRowOf(int level, ulong raw) => _format.Leaf.FirstOrDefault(row =>
        (IsSupported(row) || IsRefused(row))
        && row.Narrowing.IsAt(level)
        && row.Condition.Holds(symbol => ValueOf(symbol, level, raw)));

    /// <summary>The address that an entry of a layout holds, each bit moved to its place.</summary>
    private ulong AddressIn(int level, EntryLayout layout, ulong raw)
    {
        ulong address = (raw & MaskOf(level, ForFields(layout), BitMeaning.Address)) << _format.AddressShift;
        foreach (FieldRow field in _fields[(level, ForFields(layout))].Where(field => field.Role == "address-high"))
        {
            address |= field.ValueIn(raw) << field.At![^1];
        }

        return address;
    }

    /// <summary>The bits that say how large a page is, at their place in an address.</summary>
    private ulong CodedBits(int level, ulong raw) =>
        (raw & (MaskOf(level, EntryLayout.Leaf, BitMeaning.Address) | MaskOf(level, EntryLayout.Leaf, BitMeaning.Unaligned)))
        << _format.AddressShift;

    private int PageShiftOf(int level, ulong raw)
    {
        if (LeafRowOf(level, raw)?.Size is not { } word)
        {
            return ShiftOf(level);
        }

        ulong wanted = word == "lowest-one" ? 1ul : 0;
        int bit = _format.PageShift;
        while (bit < 63 && (CodedBits(level, raw) >> bit & 1) != wanted)
        {
            bit++;
        }

        return bit + 1;
    }

    private ulong PageOf(int level, ulong raw)
    {
        if (LeafRowOf(level, raw)?.Size is null)
        {
            return AddressIn(level, EntryLayout.Leaf, raw);
        }

        int shift = PageShiftOf(level, raw);
        return (AddressIn(level, EntryLayout.Leaf, raw) | CodedBits(level, raw)) >> shift << shift;
    }

    private EntryLayout LayoutOf(int level, ulong raw)
    {
        bool present = _format.Present.Any(row =>
            row.Narrowing.IsAt(level)
            && row.Narrowing.Holds(_capabilities)
            && row.Condition.Holds(symbol => ValueOf(symbol, level, raw)));
        if (!present)
        {
            return EntryLayout.NotPresent;
        }

        foreach (LeafRow row in _format.Leaf)
        {
            if ((IsSupported(row) || IsRefused(row))
                && row.Narrowing.IsAt(level)
                && row.Condition.Holds(symbol => ValueOf(symbol, level, raw)))
            {
                return IsSupported(row) ? EntryLayout.Leaf : EntryLayout.RefusedLeaf;
            }
        }

        return EntryLayout.Table;
    }

    private Rights RightsOf(int level, EntryLayout layout, ulong raw)
    {
        Rights rights = Rights.None;
        foreach ((Rights right, RightRow[] rows) in _rights)
        {
            bool isFree = layout == EntryLayout.Table && rows.Any(row => row.IsForLeaves && row.Narrowing.IsAt(level));
            if (rows.Length == 0 || isFree || rows.Any(row => IsMet(row.Condition, row.Narrowing, level, layout, raw)))
            {
                rights |= right;
            }
        }

        return rights;
    }

    private Rights JudgedByLeavesAlone(int level, EntryLayout layout) => layout != EntryLayout.Table
        ? Rights.None
        : _rights
            .Where(pair => pair.Value.Any(row => row.IsForLeaves && row.Narrowing.IsAt(level)))
            .Aggregate(Rights.None, (rights, pair) => rights | pair.Key);

    private RightRow[] RowsOf(Rights right) =>
        [.. _format.Rights.Where(row => row.Right == right && row.Narrowing.Holds(_capabilities))];

    private ulong MaskOf(int level, EntryLayout layout, BitMeaning meaning) =>
        _masks.GetValueOrDefault((level, layout, meaning));

    /// <summary>Asks every row what the bit is; exactly one may answer.</summary>
    private BitMeaning Settle(int level, EntryLayout layout, int bit)
    {
        // Without the capability, the bits that ask for a page are reserved whether the rest is judged as table or leaf.
        if (layout is EntryLayout.Table or EntryLayout.RefusedLeaf && AsksForRefusedLeaf(level, bit))
        {
            return BitMeaning.Reserved;
        }

        EntryLayout judgedAs = layout == EntryLayout.RefusedLeaf ? EntryLayout.Leaf : layout;
        var claims = new List<BitMeaning>();
        int layer = LayerOf(level, judgedAs, bit);
        foreach (FieldRow field in _all.Where(field => field.Position is not null || field.Layer == layer))
        {
            if (field.Bits.Contains(bit) && field.Narrowing.IsAt(level, judgedAs))
            {
                if (field.Narrowing.Holds(_capabilities))
                {
                    claims.Add(BitMeaning.Field);
                }
                else if (field.Else is { } otherwise)
                {
                    claims.Add(otherwise);
                }
            }
        }

        foreach (BitRow row in _format.Bits.Where(row => row.Layer == layer))
        {
            if (row.Bits.Contains(bit) && row.Narrowing.IsAt(level, judgedAs) && row.Narrowing.Holds(_capabilities))
            {
                claims.Add(row.Meaning);
            }
        }

        if (claims.Count == 0 && judgedAs == EntryLayout.NotPresent)
        {
            // Nothing judges the bits of an entry that is not present.
            claims.Add(BitMeaning.Ignored);
        }

        if (claims.Count == 0 && _format.Address.Bits.Contains(bit) && SettleAddress(level, judgedAs, bit) is { } meaning)
        {
            claims.Add(meaning);
        }

        return claims.Count == 1
            ? claims[0]
            : throw new InvalidDataException(
                $"{_format.Id}: bit {bit} at level {level} ({layout}) has {claims.Count} meanings, not one.");
    }

    private BitMeaning? SettleAddress(int level, EntryLayout judgedAs, int bit)
    {
        int addressBit = bit + _format.AddressShift;
        if (judgedAs == EntryLayout.Leaf && addressBit < ShiftOf(level))
        {
            return _format.Address.Below;
        }

        return _format.Address.Limit is { } limit && (ulong)addressBit >= _capabilities[limit]!.Value
            ? _format.Address.Above
            : BitMeaning.Address;
    }

    private bool AsksForRefusedLeaf(int level, int bit) => _format.Leaf.Any(row =>
        row.Narrowing.IsAt(level)
        && IsRefused(row)
        && _format.Fields.Any(field =>
            field.Narrowing.IsAt(level) && field.Bits.Contains(bit) && row.Condition.Symbols.Contains(field.Symbol)));
}
