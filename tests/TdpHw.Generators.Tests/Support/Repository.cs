namespace TdpHw.Generators.Tests.Support;

/// <summary>
/// The checkout that the tests were built from. It is searched for from where the tests run, because a deterministic build maps
/// the paths that a compiler would write into the assembly.
/// </summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The definitions that ship, by name of file, in ordinal order.</summary>
    public static IReadOnlyList<DefinitionText> Definitions { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "hwdefs"), "*.hwdef.yaml", SearchOption.AllDirectories)
            .Select(path => new DefinitionText(Path.GetFileName(path), File.ReadAllText(path)))
            .OrderBy(file => file.Name, StringComparer.Ordinal),
    ];

    /// <summary>The definition that ships in the file called <paramref name="name"/>.</summary>
    public static DefinitionText Definition(string name) => Definitions.Single(file => file.Name == name + ".hwdef.yaml");

    /// <summary>The text of a file of the checkout.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TdpHw.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds TdpHw.sln; run the tests inside a checkout.");
    }
}
