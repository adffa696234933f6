using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Generated;

/// <summary>What generated code says of an entry, in the form that answers are compared in.</summary>
internal static class GeneratedReading
{
    public static EntryReading Of(GeneratedRules rules, int level, ulong raw)
    {
        DecodedEntry entry = rules.Decode(level, raw);
        LevelRules levelRules = rules[level];
        return new()
        {
            Layout = entry.Layout,
            Kind = entry.Kind,
            Fields =
            [
                .. entry.Fields
                    .Where(field => field.Field.Role != FieldRole.Address)
                    .Select(field => new FieldReading(field.Field.Name, field.Field.Symbol, field.Value)),
            ],
            OutputAddress = entry.Output?.Value,
            PageSize = entry.PageSize,
            NextLevel = entry.Layout == EntryLayout.Table ? levelRules.NextLevelOf(raw) : null,
            Rights = entry.IsPresent ? levelRules.RightsOf(raw) : Rights.None,
            OwnRights = entry.Rights,
            MemoryType = entry.MemoryType,
            Accessed = entry switch
            {
                { IsPresent: false } => null,
                { IsLeaf: true } => BitIn(levelRules.LeafAccessed),
                _ => BitIn(levelRules.TableAccessed),
            },
            Dirty = entry.IsLeaf ? BitIn(levelRules.LeafDirty) : null,
            ReservedBits = entry.ReservedBits,
            Res0Bits = entry.Res0Bits,
            Illegal = [.. entry.Illegal.Select(rule => rule.Name)],
        };

        bool? BitIn(ulong mask) => mask == 0 ? null : (raw & mask) != 0;
    }
}
