namespace TdpHw.Benchmarks.Ratios;

/// <summary>Where the sources lie.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution above the program; null when the program was taken elsewhere.</summary>
    public static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TdpHw.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
