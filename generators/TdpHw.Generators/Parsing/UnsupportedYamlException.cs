using YamlDotNet.Core;

namespace TdpHw.Generators.Parsing;

/// <summary>Ends the reading of a file at a YAML feature that nothing behind it makes sense without.</summary>
internal sealed class UnsupportedYamlException(Mark start, Mark end, string feature, string cure) : YamlException(start, end, feature)
{
    /// <summary>What to write instead.</summary>
    public string Cure { get; } = cure;
}
