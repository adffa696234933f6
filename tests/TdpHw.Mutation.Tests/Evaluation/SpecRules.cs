using TdpHw.Formats;
using TdpHw.Generators.Model;
using CapabilityKind = TdpHw.Generators.Model.CapabilityKind;

namespace TdpHw.Mutation.Tests.Evaluation;

/// <summary>A bound format on one machine: its rules level by level, decoding and walking with them.</summary>
internal sealed class SpecRules
{
    private readonly FormatSpec _spec;
    private readonly LevelRules[] _levels;
    private readonly FieldSpec[] _fields;

    public SpecRules(FormatSpec spec, IReadOnlyDictionary<string, int> values)
    {
        _spec = spec;
        HashSet<string> on =
        [
            .. spec.Capabilities
                .Where(c => values.TryGetValue(c.Name, out int value) && (c.Kind != CapabilityKind.Flag || value != 0))
                .Select(c => c.Name),
        ];
        int top = BitSpans.FromMask(spec.AddressSpan).Select(s => s.High + 1 + spec.AddressShift).DefaultIfEmpty(64).First();
        CapabilitySpec? limit = spec.Capabilities.FirstOrDefault(c => c.Property == spec.AddressLimit);
        OutputBits = limit is null ? top : values[limit.Name];
        Dictionary<string, ulong> positions = spec.Capabilities
            .Where(c => spec.Fields.Any(f => f.Position == c.Name))
            .ToDictionary(c => c.Property, c => values.TryGetValue(c.Name, out int bit) ? 1ul << bit : 0);
        var evaluator = new RuleEvaluator(spec, on, limit is null ? 0 : ulong.MaxValue >> (64 - OutputBits), positions);
        _levels = [.. spec.Levels.Select(evaluator.Level)];
        _fields =
        [
            .. spec.Fields
                .Where(f => evaluator.Holds(f.When))
                .Select(f => f.Position is null
                    ? f
                    : f with { Bits = new[] { new BitSpan(values[f.Position], values[f.Position]) }.ToEquatableArray() }),
        ];
        Walks =
        [
            .. spec.Walks
                .Where(w => evaluator.Holds(w.When))
                .Select(w => (Walk: w, Bits: w.InputFrom is null ? w.InputBits : values[spec.Capabilities.First(c => c.Property == w.InputFrom).Name]))
                .Where(w => w.Bits >= w.Walk.LeastInputBits && w.Bits <= w.Walk.InputBits)
                .Select(w => new WalkShape(w.Walk.Levels, w.Bits)),
        ];
    }

    /// <summary>The depths of walk that the machine has.</summary>
    public IReadOnlyList<WalkShape> Walks { get; }

    /// <summary>How wide an output address may be, in bits.</summary>
    public int OutputBits { get; }

    /// <summary>How many bits an index below the root has.</summary>
    public int IndexBits => _spec.IndexBits;

    /// <summary>How many levels there are under any capabilities.</summary>
    public int LevelCount => _levels.Length;

    /// <summary>The rules of a level.</summary>
    public LevelRules this[int level] => _levels[level - 1];

    /// <summary>The value of a field in an entry; null when entries of that layout have no such field here.</summary>
    public ulong? FieldOf(string symbol, int level, EntryLayout layout, ulong raw)
    {
        EntryLayouts wanted = layout switch
        {
            EntryLayout.Leaf => EntryLayouts.Leaf,
            EntryLayout.NotPresent => EntryLayouts.NotPresent,
            _ => EntryLayouts.Table,
        };
        foreach (FieldSpec field in _fields)
        {
            if (field.Symbol == symbol && field.AppliesTo(level, wanted))
            {
                return field.Bits.Extract(raw);
            }
        }

        return null;
    }

    /// <summary>The names of the refused combinations that an entry holds.</summary>
    public IEnumerable<string> IllegalIn(int level, EntryLayout layout, ulong raw) => this[level].Illegal
        .Where(r => (r.AppliesTo & layout) != 0 && r.Test.Matches(raw))
        .Select(r => _spec.IllegalRules[r.NameIndex].Name)
        .Distinct(StringComparer.Ordinal);

    /// <summary>Translates one address.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The walk can't start from such a root here.</exception>
    public WalkResult Walk(Func<ulong, ulong?> memory, ulong root, int levels, ulong address, Access access)
    {
        int inputBits = CheckedInputBits(root, levels);
        ulong low = ulong.MaxValue >> (64 - inputBits);
        bool isUpper = _spec.IsCanonical && inputBits < 64 && (address >> (inputBits - 1) & 1) != 0;
        if (address != (isUpper ? address | ~low : address & low))
        {
            return WalkResult.TooWide;
        }

        Rights rights = Rights.All;
        ulong table = root;
        int level = levels;
        while (level >= 1)
        {
            LevelRules rules = this[level];
            ulong index = ((address & low) >> rules.Shift) & (level == levels ? ulong.MaxValue : (1ul << IndexBits) - 1);

            ulong slot = table + (index * sizeof(ulong));
            if (memory(slot) is not { } entry)
            {
                return WalkResult.Stopped(WalkOutcome.NotInMemory, level, rights, 0, slot);
            }

            EntryKind kind = rules.KindOf(entry);
            if (kind == EntryKind.NotPresent)
            {
                return WalkResult.Stopped(WalkOutcome.NotPresent, level, rights, entry, slot);
            }

            Rights granted = rights & rules.RightsOf(entry);
            if (_spec.IsPermissionFirst && (rules.Effective(granted) & access.Needed()) != access.Needed())
            {
                return WalkResult.Stopped(WalkOutcome.PermissionDenied, level, granted, entry, slot);
            }

            if (kind is EntryKind.ReservedBitSet or EntryKind.IllegalEncoding)
            {
                WalkOutcome outcome = kind == EntryKind.ReservedBitSet ? WalkOutcome.ReservedBitSet : WalkOutcome.IllegalEncoding;
                return WalkResult.Stopped(outcome, level, rights, entry, slot);
            }

            if (kind == EntryKind.Leaf)
            {
                int shift = rules.PageShiftOf(entry);
                ulong output = rules.PageOf(entry) | (address & ((1ul << shift) - 1));
                return WalkResult.Reached(level, rules.Effective(granted), access, entry, slot, output, shift);
            }

            int next = rules.NextLevelOf(entry);
            if (next < 1 || next >= level)
            {
                throw new InvalidDataException($"{_spec.Id} has table entries that lead to level {next} from level {level}.");
            }

            if ((address & ((1ul << rules.Shift) - 1)) >> this[next].Shift >> IndexBits != 0)
            {
                return WalkResult.Stopped(WalkOutcome.NotPresent, level, rights, entry, slot);
            }

            rights = granted;
            table = rules.TableOf(entry);
            level = next;
        }

        throw new InvalidDataException($"{_spec.Id} has table entries at level 1.");
    }

    private int CheckedInputBits(ulong root, int levels)
    {
        int inputBits = Walks.LastOrDefault(w => w.Levels == levels).InputBits;
        if (inputBits == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(levels), $"{_spec.Id} has no walk of {levels} levels here.");
        }

        ulong rootSize = 8ul << (inputBits - this[levels].Shift);
        return root % rootSize == 0 && (OutputBits >= 64 || root >> OutputBits == 0)
            ? inputBits
            : throw new ArgumentOutOfRangeException(nameof(root), $"0x{root:x} can't be a root of {_spec.Id} here.");
    }
}
