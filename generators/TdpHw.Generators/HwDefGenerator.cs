using Microsoft.CodeAnalysis;

namespace TdpHw.Generators;

[Generator(LanguageNames.CSharp)]
public sealed class HwDefGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
    }
}
