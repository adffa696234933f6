using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes a C struct with its exact layout, compared by its bytes.</summary>
internal static class StructEmitter
{
    public static GeneratedFile Emit(StructSpec spec, string ns)
    {
        CodeWriter code = FileHead.Start(
            ns, spec.Id, "System", "System.Runtime.CompilerServices", "System.Runtime.InteropServices");
        code.Summary(spec.Doc + ".", spec.Cite);
        code.Line("[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]");
        code.Block($"public struct {spec.Name} : IEquatable<{spec.Name}>", () =>
        {
            code.Doc("summary", "How many bytes the struct has in C (LP64).");
            code.Line($"public const int SizeInBytes = {spec.Size};");
            code.Line();
            foreach (StructMemberSpec member in spec.Members)
            {
                code.Line($"[FieldOffset({member.Offset})]");
                code.Line($"private {(member.IsArray ? member.Name + "Elements" : member.Type)} {Field(member)};");
                code.Line();
            }

            foreach (StructMemberSpec member in spec.Members)
            {
                WriteMember(code, spec, member);
            }

            WriteBytes(code, spec);
            WriteEquality(code, spec);
            foreach (StructMemberSpec member in spec.Members.Where(m => m.IsArray))
            {
                code.Line();
                code.Line($"[InlineArray({member.Count})]");
                code.Block($"private struct {member.Name}Elements", () => code.Line($"private {member.Type} _first;"));
            }
        });
        return new GeneratedFile($"{spec.Name}.g.cs", code.ToString());
    }

    private static string Field(StructMemberSpec member) => "_" + CodeText.Camel(member.Name);

    private static void WriteMember(CodeWriter code, StructSpec spec, StructMemberSpec member)
    {
        string where = $"Offset {member.Offset}: {member.Doc}.";
        string type = member.Enum ?? member.Type;
        string cast = member.Enum is null ? "" : $"({type})";
        string set = member.Enum is null ? "value" : $"({member.Type})value";
        if (!member.IsArray)
        {
            code.Summary(where, member.Cite);
            code.Block($"public {type} {member.Name}", () =>
            {
                code.Line($"readonly get => {cast}{Field(member)};");
                code.Line($"set => {Field(member)} = {set};");
            });
            code.Line();
            return;
        }

        string[] names = [.. Enumerable.Range(0, member.Dimensions.Count).Select(i => $"index{i}")];
        string parameters = string.Join(", ", names.Select(n => "int " + n));
        string flat = names[0];
        for (int i = 1; i < names.Length; i++)
        {
            flat = $"({flat} * {member.Dimensions[i]}) + {names[i]}";
        }

        code.Summary(where, member.Cite);
        code.Doc("exception", "An index is outside its dimension.", " cref=\"ArgumentOutOfRangeException\"");
        code.Block($"public readonly {type} Get{member.Name}({parameters})", () =>
        {
            CheckIndices(code, member, names);
            code.Line($"return {cast}{Field(member)}[{flat}];");
        });
        code.Line();
        code.Summary("Sets: " + member.Doc + ".", member.Cite);
        code.Doc("exception", "An index is outside its dimension.", " cref=\"ArgumentOutOfRangeException\"");
        code.Block($"public void Set{member.Name}({parameters}, {type} value)", () =>
        {
            CheckIndices(code, member, names);
            code.Line($"{Field(member)}[{flat}] = {set};");
        });
        code.Line();
    }

    private static void CheckIndices(CodeWriter code, StructMemberSpec member, string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            code.Line($"ArgumentOutOfRangeException.ThrowIfNegative({names[i]});");
            code.Line($"ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual({names[i]}, {member.Dimensions[i]});");
        }

        code.Line();
    }

    private static void WriteBytes(CodeWriter code, StructSpec spec)
    {
        code.Doc("summary", "Reads the struct as C code lays it out in memory; padding is not looked at.");
        code.Doc("exception", "There are fewer bytes than the struct has.", " cref=\"ArgumentException\"");
        code.Block($"public static {spec.Name} Read(ReadOnlySpan<byte> source)", () =>
        {
            code.Block("if (source.Length < SizeInBytes)", () =>
                code.Line($"throw new ArgumentException($\"{{SizeInBytes}} bytes are needed, not {{source.Length}}.\", nameof(source));"));
            code.Line();
            code.Line($"var value = MemoryMarshal.Read<{spec.Name}>(source);");
            foreach ((int start, int length) in Padding(spec))
            {
                code.Line($"value.Bytes().Slice({start}, {length}).Clear();");
            }

            code.Line("return value;");
        });
        code.Line();
        code.Doc("summary", "Writes the struct as C code lays it out in memory, padding zero.");
        code.Doc("exception", "There is less room than the struct needs.", " cref=\"ArgumentException\"");
        code.Block("public readonly void Write(Span<byte> destination)", () =>
        {
            code.Block("if (destination.Length < SizeInBytes)", () =>
                code.Line($"throw new ArgumentException($\"{{SizeInBytes}} bytes are needed, not {{destination.Length}}.\", nameof(destination));"));
            code.Line();
            code.Line("MemoryMarshal.Write(destination, in this);");
        });
        code.Line();
    }

    private static void WriteEquality(CodeWriter code, StructSpec spec)
    {
        code.Doc("summary", "Whether all members are equal.");
        code.Block($"public readonly bool Equals({spec.Name} other)", () =>
        {
            code.Line($"{spec.Name} self = this;");
            code.Line("return self.Bytes().SequenceEqual(other.Bytes());");
        });
        code.Line();
        code.Line("/// <inheritdoc/>");
        code.Line($"public override readonly bool Equals(object? obj) => obj is {spec.Name} other && Equals(other);");
        code.Line();
        code.Line("/// <inheritdoc/>");
        code.Block("public override readonly int GetHashCode()", () =>
        {
            code.Line($"{spec.Name} self = this;");
            code.Line("var hash = new HashCode();");
            code.Line("hash.AddBytes(self.Bytes());");
            code.Line("return hash.ToHashCode();");
        });
        code.Line();
        code.Doc("summary", "Whether all members are equal.");
        code.Line($"public static bool operator ==({spec.Name} left, {spec.Name} right) => left.Equals(right);");
        code.Line();
        code.Doc("summary", "Whether a member differs.");
        code.Line($"public static bool operator !=({spec.Name} left, {spec.Name} right) => !left.Equals(right);");
        code.Line();
        code.Line("[System.Diagnostics.CodeAnalysis.UnscopedRef]");
        code.Line($"private Span<byte> Bytes() => MemoryMarshal.AsBytes(new Span<{spec.Name}>(ref this));");
    }

    private static IEnumerable<(int Start, int Length)> Padding(StructSpec spec)
    {
        int end = 0;
        foreach (StructMemberSpec member in spec.Members)
        {
            if (member.Offset > end)
            {
                yield return (end, member.Offset - end);
            }

            end = member.Offset + (member.Size * member.Count);
        }

        if (spec.Size > end)
        {
            yield return (end, spec.Size - end);
        }
    }
}
