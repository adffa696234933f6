using System.Collections.Immutable;
using System.Globalization;
using TdpHw.Formats;

namespace TdpHw.Core.Sharing;

/// <summary>What would remove a finding, found from definitions by trying.</summary>
/// <typeparam name="TExporter">The format that the tables are written in.</typeparam>
/// <typeparam name="TImporter">The format that they would be read in.</typeparam>
internal sealed class ShareCures<TExporter, TImporter>(
    FormatRules<TExporter> exporter, OverlayDescription? overlay, OverlayVariant? variant, FormatRules<TImporter> importer)
    where TExporter : struct, IPageTableFormat<TExporter>
    where TImporter : struct, IPageTableFormat<TImporter>
{
    private ImmutableArray<ShareFinding>? _now;
    private ImmutableArray<ChangedImporter>? _changed;

    /// <summary>The cure of <paramref name="finding"/>, in words.</summary>
    public string Of(ShareFinding finding) => finding.Code switch
    {
        ShareCode.AddressWidth =>
            $"keep physical addresses within {importer.OutputBits} bits, or import with an address width of {exporter.OutputBits}",
        ShareCode.PageSize =>
            WithCapability(finding) ?? $"export with pages smaller than {Size(finding.Level)} only",
        ShareCode.WalkDepth =>
            WithCapability(finding) ?? $"export a table of {Depths()} levels",
        ShareCode.ReservedBit => Joined(WithCapability(finding), WithVariant(finding.Bit!.Value))
            ?? $"add bit {finding.Bit} to what the exporter promises to leave zero",
        ShareCode.NotPresent => "grant a right that the importer takes for present",
        ShareCode.IllegalEncoding => "export no such combination",
        ShareCode.BlockedOutput => "map no page there",
        ShareCode.DifferentMapping => "export no such entry: the two formats read it differently",
        ShareCode.UnwantedMapping => "encode it so that neither side finds it present, with all rights clear",
        _ => "none is needed where the importer's meaning is harmless",
    };

    private static string Size(int level)
    {
        int shift = TExporter.Description.PageShift + ((level - 1) * TExporter.IndexBits);
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        return string.Create(CultureInfo.InvariantCulture, $"{1ul << (shift % 10)} {units[shift / 10]}");
    }

    private static string? Joined(string? left, string? right) =>
        left is null ? right : right is null ? left : $"{left}; or {right}";

    private string Depths() => string.Join(" or ", importer.Walks.Select(w => w.Levels));

    /// <summary>A flag of the importer that would make the finding go away, when one alone does.</summary>
    private string? WithCapability(ShareFinding finding)
    {
        // What definitions do not say in the first place no flag is seen to remove.
        if (finding.Code != ShareCode.WalkDepth && !(_now ??= Compare(importer)).Any(f => IsSame(f, finding)))
        {
            return null;
        }

        foreach (ChangedImporter changed in _changed ??= [.. ChangedImporters()])
        {
            bool isGone = finding.Code == ShareCode.WalkDepth
                ? ShareProof.HasWalk(changed.Rules, finding.Level)
                : !changed.Findings.Any(f => IsSame(f, finding));
            if (isGone)
            {
                return $"import with {changed.Flag} {(changed.IsOn ? "on" : "off")}";
            }
        }

        return null;
    }

    private IEnumerable<ChangedImporter> ChangedImporters()
    {
        foreach (CapabilityDescription capability in TImporter.Description.Capabilities)
        {
            if (capability.Kind == CapabilityKind.Flag)
            {
                bool isOn = !importer.Capabilities.IsOn(importer.Capabilities.IndexOf(capability.Name));
                FormatRules<TImporter> rules = TImporter.RulesFor(importer.Capabilities.With(capability.Name, isOn ? 1 : 0));
                yield return new ChangedImporter(capability.Name, isOn, rules, Compare(rules));
            }
        }
    }

    /// <summary>What stands in the way at all levels, whether the exporting software promises not to write it or does.</summary>
    private ImmutableArray<ShareFinding> Compare(FormatRules<TImporter> rules) =>
        ShareProof.Compare(exporter, null, rules, exporter.MaxLevel);

    private static bool IsSame(ShareFinding left, ShareFinding right) =>
        left.Code == right.Code && left.Bit == right.Bit && left.Level == right.Level && left.Kind == right.Kind;

    /// <summary>A variant of the exporting software that leaves the bit zero.</summary>
    private string? WithVariant(int bit)
    {
        OverlayVariant? better = overlay?.Variants.FirstOrDefault(v => v != variant && (v.MustBeZero >> bit & 1) != 0);
        return better is null ? null : $"export with {overlay!.Id}:{better.Id}, which leaves bit {bit} zero";
    }

    /// <summary>The importer with one flag turned over, and what would stand in the way then.</summary>
    private sealed record ChangedImporter(
        string Flag, bool IsOn, FormatRules<TImporter> Rules, ImmutableArray<ShareFinding> Findings);
}
