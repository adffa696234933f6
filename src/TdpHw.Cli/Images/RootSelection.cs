using System.Collections.Immutable;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Devices;
using TdpHw.Cli.Input;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Images;

/// <summary>Finds the roots that a command line asks for.</summary>
internal static class RootSelection
{
    /// <summary>The roots to look at, in the image's order; levels are null where nothing says them.</summary>
    /// <exception cref="UsageException">There is no such root, or none is named where one is needed.</exception>
    /// <exception cref="InputException">The image should name its roots and names none.</exception>
    /// <exception cref="FindingException">The device that is named has no tables.</exception>
    public static ImmutableArray<RequestedRoot> Find(ImageRequest request, TableImage image)
    {
        if (request.IsByDevice)
        {
            return DeviceRoots.Find(request, image);
        }

        if (request.Root is not string wanted)
        {
            return !image.Roots.IsEmpty ? Merge(image.Roots, request.Levels)
                : image.FormatId is null ? throw new UsageException($"{request.Path}: names no root; say which with --root")
                : throw new InputException($"{image.Location}: has an empty list of roots; a root can be said with --root");
        }

        if (!NumberText.TryParse(wanted, out ulong address, out string problem))
        {
            ImageRoot[] named = [.. image.Roots.Where(r => r.Name == wanted)];
            return named.Length != 0
                ? Merge(named, request.Levels)
                : throw new UsageException(image.Roots.IsEmpty
                    ? $"--root: '{wanted}' {problem}"
                    : $"--root: '{wanted}' is neither an address nor a root of this image; there are: {Names(image.Roots)}");
        }

        var table = new HostPhysicalAddress(address);
        ImageRoot[] known = [.. image.Roots.Where(r => r.Table == table)];
        return known.Length != 0
            ? Merge(known, request.Levels)
            : [new RequestedRoot(table, request.Levels, [])];
    }

    /// <summary>The depth of a walk where nothing says it: four levels, as nearly all tables have, or the format's first.</summary>
    public static int UsualLevels(ImmutableArray<WalkShape> walks) =>
        walks.Any(w => w.Levels == 4) ? 4 : walks[0].Levels;

    private static ImmutableArray<RequestedRoot> Merge(IEnumerable<ImageRoot> roots, int? levels) =>
    [
        .. roots
            .GroupBy(r => (r.Table, Levels: levels ?? r.Levels))
            .Select(g => new RequestedRoot(
                g.Key.Table, g.Key.Levels, [.. g.Select(r => r.Name).Where(n => n.Length != 0).Distinct()])),
    ];

    private static string Names(ImmutableArray<ImageRoot> roots) =>
        string.Join(", ", roots.Select(r => r.Name.Length == 0 ? r.Table.ToString() : $"{r.Name} ({r.Table})"));
}
