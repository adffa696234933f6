using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>From a definition to its files. The same definition gives the same text on every machine.</summary>
internal static class DefinitionEmitter
{
    public static IEnumerable<GeneratedFile> Emit(DefinitionSpec spec, string ns) =>
        EnumEmitter.Emit(spec, ns).Concat(spec switch
        {
            FormatSpec format =>
            [
                DescriptionEmitter.Emit(format, ns),
                EntryEmitter.Emit(format, ns),
                CapabilitiesEmitter.Emit(format, ns),
                RulesEmitter.Emit(format, ns),
                WalkEmitter.Emit(format, ns),
            ],
            OverlaySpec overlay => OverlayEmitter.Emit(overlay, ns),
            RegisterSpec register => [RegisterEmitter.Emit(register, ns)],
            StructSpec data => [StructEmitter.Emit(data, ns)],
            _ => [],
        });
}
