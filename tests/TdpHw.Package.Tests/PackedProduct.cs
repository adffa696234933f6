using System.Reflection;
using System.Text;

namespace TdpHw.Package.Tests;

/// <summary>The product packed into a folder, which is the only source that packages come from.</summary>
[CollectionDefinition(Collection)]
public sealed class PackedProduct : IAsyncLifetime, ICollectionFixture<PackedProduct>
{
    /// <summary>The tests that share what is packed once.</summary>
    public const string Collection = "packed product";

    private readonly string _scratch = Directory.CreateTempSubdirectory("tdphw-packages-").FullName;

    /// <summary>The version that was packed.</summary>
    public static string Version => Metadata("PackageVersion");

    /// <summary>Where the packages are.</summary>
    public string Folder => Path.Combine(_scratch, "feed");

    /// <summary>Where restored packages go.</summary>
    public string Cache => Path.Combine(_scratch, "cache");

    public async Task InitializeAsync()
    {
        (int exit, string output) = await DotNet.RunAsync(
            Repository, packages: null, "pack", "TdpHw.sln", "--no-build", "-c", Metadata("Configuration"), "-o", Folder);
        Assert.True(exit == 0, output);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_scratch, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A package's or symbol package's file.</summary>
    public string FileOf(string id, string extension) => Path.Combine(Folder, $"{id}.{Version}.{extension}");

    /// <summary>A fresh copy of somebody else's project, far from the repository.</summary>
    public string CreateConsumer()
    {
        string folder = Path.Combine(_scratch, Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Consumer")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(folder, "nuget.config"), Sources, Encoding.UTF8);
        return folder;
    }

    /// <summary>A NuGet configuration that knows no source but <see cref="Folder"/>.</summary>
    private string Sources => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <configuration>
          <packageSources>
            <clear />
            <add key="packed" value="{Folder}" />
          </packageSources>
        </configuration>
        """;

    private static string Repository
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "TdpHw.sln")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no solution above the test");
            }

            return folder;
        }
    }

    private static string Metadata(string key) => typeof(PackedProduct).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
