using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TdpHw.Generators.Tests.Support;

/// <summary>What a project file tells the generator: its root namespace, and which definitions are a package's.</summary>
internal sealed class ProjectOptions(string rootNamespace, Func<AdditionalText, bool> isReferenced) : AnalyzerConfigOptionsProvider
{
    private readonly Values _values = new("build_property.RootNamespace", rootNamespace);
    private readonly Values _referenced = new("build_metadata.AdditionalFiles.TdpHwReferenced", "true");

    public override AnalyzerConfigOptions GlobalOptions => _values;

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => _values;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => isReferenced(textFile) ? _referenced : _values;

    private sealed class Values(string known, string itsValue) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = key == known ? itsValue : null;
            return value is not null;
        }
    }
}
