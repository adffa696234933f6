using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>
/// Writes the members of a register's field: its value and, where it is no view of other fields, the register with another one.
/// </summary>
internal sealed class RegisterMembers
{
    private readonly CodeWriter _code;
    private readonly string _owner;
    private readonly RegisterMemberSpec _member;
    private readonly bool _isOneWord;

    /// <summary>The bits within their words, those that say most of the value first.</summary>
    private readonly (string Word, BitSpan Bits)[] _parts;

    private RegisterMembers(CodeWriter code, string owner, RegisterMemberSpec member, int words)
    {
        _code = code;
        _owner = owner;
        _member = member;
        _isOneWord = words == 1;
        _parts =
        [
            .. member.Bits.SelectMany(span => Enumerable.Range(0, words)
                .Reverse()
                .SelectMany(w => new[] { span }.InWord(w).Select(bits => (RegisterEmitter.Word(w, words), bits)))),
        ];
    }

    private bool IsScaled => _member.Plus != 0 || _member.Times != 1;

    private ulong Largest => (_member.Bits.Largest() * (ulong)_member.Times) + (ulong)_member.Plus;

    /// <summary>What is counted is an int where it fits, so that it needs no cast where it is used.</summary>
    private string Type => _member.Enum ?? (Largest <= int.MaxValue ? "int" : "ulong");

    public static void Write(CodeWriter code, string owner, RegisterMemberSpec member, int words) =>
        new RegisterMembers(code, owner, member, words).Write();

    private void Write()
    {
        if (_isOneWord && !_member.IsView && !IsScaled)
        {
            FieldMembers.Write(_code, _owner, new FieldSpec(
                _member.Name,
                _member.Symbol,
                _member.Bits,
                0,
                EntryLayouts.None,
                ConditionSpec.Always,
                _member.IsAddress ? FieldRole.Address : FieldRole.None,
                _member.Enum,
                _member.Doc,
                _member.Cite));
            return;
        }

        WriteHead();
        if (_member.IsAddress && IsScaled)
        {
            WriteScaledAddress();
        }
        else if (_member.IsAddress)
        {
            WriteAddress();
        }
        else if (_member.Bits.Width() == 1 && !IsScaled)
        {
            WriteFlag();
        }
        else
        {
            WriteNumber();
        }
    }

    private void WriteHead()
    {
        string symbol = _member.Symbol.Length == 0 ? "" : $" ({_member.Symbol})";
        _code.Summary($"{CodeText.Capitalised(CodeText.BitsOf(_member.Bits))}{symbol}: {_member.Doc}.", _member.Cite);
        if (_isOneWord)
        {
            _code.Line($"public const ulong {_member.Name}Mask = {CodeText.Hex(_member.Bits.Mask())};");
            _code.Line();
            _code.Line($"/// <inheritdoc cref=\"{_member.Name}Mask\"/>");
        }
    }

    private void WriteAddress()
    {
        string word = _parts[0].Word;
        string mask = CodeText.Hex(_parts.Select(p => p.Bits).Mask());
        _code.Line($"public HostPhysicalAddress {_member.Name} => new({word} & {mask});");
        WriteWithHead("The address is not that of a page, or is wider than the entry can hold.");
        _code.Block($"public {_owner} With{_member.Name}(HostPhysicalAddress value)", () =>
        {
            _code.Block($"if ((value.Value & ~{mask}ul) != 0)", () => _code.Call(
                "throw new ArgumentOutOfRangeException", $"nameof(value), $\"{{value}} does not fit {CodeText.BitsOf(_member.Bits)}.\""));
            _code.Line();
            _code.Line($"return this with {{ {word} = ({word} & ~{mask}ul) | value.Value }};");
        });
    }

    /// <summary>An address of which the bits say how many pages it is from zero, wherever they stand.</summary>
    private void WriteScaledAddress()
    {
        string bits = FieldMembers.Unwrapped(FieldMembers.Extract(_parts));
        _code.Line($"public HostPhysicalAddress {_member.Name} => new(({bits}) * {_member.Times});");
        if (_member.IsView)
        {
            return;
        }

        WriteWithHead($"The address is no multiple of {_member.Times}, or is wider than the bits can say.");
        _code.Block($"public {_owner} With{_member.Name}(HostPhysicalAddress value)", () =>
        {
            string[] refused =
            [
                .. Largest > ulong.MaxValue - (ulong)_member.Times ? Array.Empty<string>() : [$"value.Value > {CodeText.Hex(Largest)}"],
                $"value.Value % {_member.Times} != 0",
            ];
            _code.Block($"if ({string.Join(" || ", refused)})", () => _code.Call(
                "throw new ArgumentOutOfRangeException",
                $"nameof(value), $\"{{value}} does not fit {CodeText.BitsOf(_member.Bits)}, which count {_member.Times}.\""));
            _code.Line();
            _code.Line($"ulong number = value.Value / {_member.Times};");
            WriteReturn(Changes("number"));
        });
    }

    private void WriteFlag()
    {
        (string word, BitSpan bit) = _parts[0];
        string mask = CodeText.Hex(bit.Mask);
        _code.Line($"public bool {_member.Name} => ({word} & {mask}) != 0;");
        if (!_member.IsView)
        {
            WriteWithHead();
            _code.Expression(
                $"public {_owner} With{_member.Name}(bool value)",
                $"this with {{ {word} = value ? {word} | {mask} : {word} & ~{mask}ul }}");
        }
    }

    private void WriteNumber()
    {
        string bits = FieldMembers.Unwrapped(FieldMembers.Extract(_parts));
        string number = Type == "ulong" ? $"({bits})" : $"({Type})({bits})";
        string value = (_member.Times, _member.Plus) switch
        {
            (1, 0) => Type == "ulong" ? bits : number,
            (1, _) => $"{number} + {_member.Plus}",
            (_, 0) => $"{number} * {_member.Times}",
            _ => $"({number} * {_member.Times}) + {_member.Plus}",
        };
        _code.Line($"public {Type} {_member.Name} => {value};");
        if (!_member.IsView)
        {
            WriteWithNumber();
        }
    }

    private void WriteWithNumber()
    {
        (string refused, string limit, string message) = Bounds();
        string head = $"public {_owner} With{_member.Name}({Type} value)";
        WriteWithHead(limit);
        if (refused.Length == 0 && Changes("value") is { Length: 1 } whole)
        {
            _code.Expression(head, With(_member.Enum is null ? whole : Changes("(ulong)value")));
            return;
        }

        _code.Block(head, () =>
        {
            bool isUnsigned = Type == "ulong" && !IsScaled;
            if (_member.Enum is not null)
            {
                _code.Line("ulong number = (ulong)value;");
            }

            if (refused.Length > 0)
            {
                _code.Block($"if ({refused})", () =>
                    _code.Call("throw new ArgumentOutOfRangeException", $"nameof(value), value, \"{message}\""));
                _code.Line();
            }

            if (_member.Enum is null && !isUnsigned)
            {
                _code.Line($"ulong number = {Unscaled()};");
            }

            WriteReturn(Changes(isUnsigned ? "value" : "number"));
        });
    }

    private void WriteReturn((string Word, string Value)[] changes)
    {
        if (changes.Length == 1)
        {
            _code.Line($"return {With(changes)};");
        }
        else
        {
            _code.Block("return this with", () => _code.Lines([.. changes.Select(c => $"{c.Word} = {c.Value},")]), "};");
        }
    }

    /// <summary>The test for values that the bits can't say, and what is told of them.</summary>
    private (string Refused, string Limit, string Message) Bounds()
    {
        int width = _member.Bits.Width();
        string message = $"{_member.Name} has {width} bits.";
        if (_member.Enum is not null)
        {
            return width >= 64 ? ("", "", "") : ($"number > {CodeText.Hex(Largest)}", $"The value needs more than {width} bits.", message);
        }

        bool isSigned = Type == "int";
        string[] outside =
        [
            .. isSigned || _member.Plus > 0 ? [$"< {_member.Plus}"] : Array.Empty<string>(),
            .. Largest < (isSigned ? int.MaxValue : ulong.MaxValue) ? [$"> {(IsScaled ? $"{Largest}" : CodeText.Hex(Largest))}"] : Array.Empty<string>(),
        ];
        string refused = outside.Length == 2 ? $"value is {outside[0]} or {outside[1]}" : string.Concat(outside.Select(o => "value " + o));
        if (!IsScaled)
        {
            string limit = (isSigned ? "The value is negative or needs" : "The value needs") + $" more than {width} bits.";
            return refused.Length == 0 ? ("", "", "") : (refused, limit, message);
        }

        string steps = "";
        if (_member.Times > 1)
        {
            steps = $" in steps of {_member.Times}";
            refused += $"{(refused.Length == 0 ? "" : " || ")}{Above} % {_member.Times} != 0";
        }

        return (
            refused,
            $"The value is not one of {_member.Plus} to {Largest}{steps}.",
            $"{_member.Name} takes {_member.Plus} to {Largest}{steps}.");
    }

    /// <summary>The number that the bits say for <c>value</c>.</summary>
    private string Unscaled()
    {
        string number = _member.Times > 1 ? $"{Above} / {_member.Times}" : FieldMembers.Unwrapped(Above);
        return Type == "ulong" ? number : number == "value" ? "(ulong)value" : $"(ulong)({number})";
    }

    /// <summary>What a value is above the smallest one.</summary>
    private string Above => _member.Plus == 0 ? "value" : $"(value - {_member.Plus})";

    /// <summary>The words that change, each with its new value.</summary>
    private (string Word, string Value)[] Changes(string number)
    {
        string[] deposits = [.. FieldMembers.Deposits([.. _parts.Select(p => p.Bits)], number)];
        return
        [
            .. _parts.Select((part, i) => (part.Word, part.Bits, Deposit: deposits[i]))
                .GroupBy(part => part.Word)
                .Select(word => (word.Key, Changed(word.Key, word.Select(p => p.Bits).Mask(), string.Join(" | ", word.Select(p => p.Deposit))))),
        ];
    }

    /// <summary>The register with one word changed.</summary>
    private string With((string Word, string Value)[] changes) =>
        _isOneWord ? $"new({changes[0].Value})" : $"this with {{ {changes[0].Word} = {changes[0].Value} }}";

    private string Changed(string word, ulong mask, string deposit) =>
        mask == ulong.MaxValue ? FieldMembers.Unwrapped(deposit)
        : _isOneWord ? $"(Raw & ~{_member.Name}Mask) | {deposit}"
        : $"({word} & ~{CodeText.Hex(mask)}ul) | {deposit}";

    /// <summary>What stands before the method that changes the field. With a mask, bits and source are told there.</summary>
    private void WriteWithHead(string limit = "")
    {
        _code.Line();
        if (_isOneWord)
        {
            _code.Doc("summary", $"This entry with {_member.Name} as given.");
        }
        else
        {
            _code.Summary($"This entry with {_member.Name}, {CodeText.BitsOf(_member.Bits)}, as given.", _member.Cite);
        }

        if (limit.Length > 0)
        {
            _code.Doc("exception", limit, " cref=\"ArgumentOutOfRangeException\"");
        }
    }
}
