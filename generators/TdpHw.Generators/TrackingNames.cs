namespace TdpHw.Generators;

/// <summary>The names of the pipeline's stages, as a test or a debugger sees them.</summary>
internal static class TrackingNames
{
    public const string Parse = nameof(Parse);
    public const string Bases = nameof(Bases);
    public const string Layers = nameof(Layers);
    public const string Names = nameof(Names);
    public const string Scope = nameof(Scope);
    public const string Bind = nameof(Bind);
    public const string Specs = nameof(Specs);
    public const string Diagnostics = nameof(Diagnostics);
    public const string Registry = nameof(Registry);
}
