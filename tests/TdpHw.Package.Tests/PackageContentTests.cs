using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace TdpHw.Package.Tests;

/// <summary>What is in the packages.</summary>
[Collection(PackedProduct.Collection)]
public sealed class PackageContentTests(PackedProduct product)
{
    // Embedded source, as the portable PDB format calls it.
    private static readonly Guid EmbeddedSource = new("0e8a571b-6926-466e-b4ad-8ab04611f5fe");

    public static TheoryData<string> Libraries => ["TdpHw.Formats", "TdpHw.Memory", "TdpHw.Core"];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_has_documentation_readme_and_licence(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(product.FileOf(id, "nupkg"));

        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.dll"));
        Assert.NotNull(package.GetEntry("README.md"));
        using Stream documentation = package.GetEntry($"lib/net10.0/{id}.xml")!.Open();
        Assert.NotEmpty(XDocument.Load(documentation).Descendants("summary"));
        XElement description = Specification(package, id);
        Assert.Equal("MIT", description.Elements().Single(e => e.Name.LocalName == "license").Value);
        Assert.Equal("README.md", description.Elements().Single(e => e.Name.LocalName == "readme").Value);
    }

    [Fact]
    public void The_formats_bring_the_generator_and_the_definitions()
    {
        using ZipArchive package = ZipFile.OpenRead(product.FileOf("TdpHw.Formats", "nupkg"));

        Assert.NotNull(package.GetEntry("analyzers/dotnet/cs/TdpHw.Generators.dll"));
        Assert.NotNull(package.GetEntry("analyzers/dotnet/cs/YamlDotNet.dll"));
        Assert.NotNull(package.GetEntry("build/TdpHw.Formats.props"));
        Assert.NotNull(package.GetEntry("hwdefs/formats/ept.hwdef.yaml"));
        Assert.NotNull(package.GetEntry("hwdefs/overlays/kvm-ept.hwdef.yaml"));
        Assert.NotNull(package.GetEntry("hwdefs/schema/hwdef.schema.json"));
        Assert.DoesNotContain(
            Specification(package, "TdpHw.Formats").Descendants(), e => e.Name.LocalName == "dependency");
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Symbols_hold_the_source_of_every_file(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(product.FileOf(id, "snupkg"));
        using var symbols = new MemoryStream();
        using (Stream file = package.GetEntry($"lib/net10.0/{id}.pdb")!.Open())
        {
            file.CopyTo(symbols);
        }

        symbols.Position = 0;
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(symbols);
        MetadataReader reader = provider.GetMetadataReader();
        string[] without =
        [
            .. reader.Documents
                .Where(d => !reader.GetCustomDebugInformation(d)
                    .Any(i => reader.GetGuid(reader.GetCustomDebugInformation(i).Kind) == EmbeddedSource))
                .Select(d => reader.GetString(reader.GetDocument(d).Name)),
        ];

        Assert.Empty(without);
        if (id == "TdpHw.Formats")
        {
            Assert.Contains(
                reader.Documents,
                d => reader.GetString(reader.GetDocument(d).Name).EndsWith("Ept.Walk.g.cs", StringComparison.Ordinal));
        }
    }

    private static XElement Specification(ZipArchive package, string id)
    {
        using Stream file = package.GetEntry($"{id}.nuspec")!.Open();
        return XDocument.Load(file).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }
}
