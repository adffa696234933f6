using System.Collections.Immutable;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Describing;
using TdpHw.Cli.Devices;
using TdpHw.Cli.Input;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Images;

/// <summary>Opens an image, settles format, capabilities, overlay and roots, and does work on its tables.</summary>
internal static class ImageSession
{
    /// <summary>Does <paramref name="work"/> on the image that <paramref name="request"/> names.</summary>
    /// <exception cref="UsageException">The command line asks for something that there is not.</exception>
    /// <exception cref="InputException">The image says something impossible.</exception>
    /// <exception cref="ImageException">The image can't be read or is malformed.</exception>
    public static TResult Run<TResult>(ImageRequest request, ITableWork<TResult> work) =>
        RunOnImage(request, image => Run(request, image, work));

    /// <summary>Does <paramref name="work"/> on the image as on the memory of an IOMMU, before it is known which tables.</summary>
    /// <inheritdoc cref="Run{TResult}(ImageRequest, ITableWork{TResult})"/>
    public static TResult RunOnUnit<TResult>(ImageRequest request, Func<TableImage, TResult> work) =>
        RunOnImage(request, image =>
        {
            CheckUnit(request, image);
            return work(image);
        });

    private static TResult RunOnImage<TResult>(ImageRequest request, Func<TableImage, TResult> work)
    {
        using TableImage image = Open(request);
        TResult result = work(image);
        return image.ReadError is string error
            ? throw new InputException($"{image.Location}: can't be read: {error}")
            : result;
    }

    /// <summary>Does <paramref name="work"/> on an image that is open.</summary>
    /// <inheritdoc cref="Run{TResult}(ImageRequest, ITableWork{TResult})"/>
    public static TResult Run<TResult>(ImageRequest request, TableImage image, ITableWork<TResult> work)
    {
        FormatDescription format = FindFormat(request, image);
        ChosenOverlay? overlay = ChosenOverlay.Find(request.Overlay, format);
        ImmutableArray<RequestedRoot> roots = RootSelection.Find(request, image);
        CapabilityValues told = ImageCapabilities.WithWalks(ImageCapabilities.Of(image, format), format, roots);
        Machine machine = SharedOptions.Apply(new Machine(told, overlay), request.Settings)
            .Settled(request.Overlay is not null, out string? dropped);
        if (dropped is not null)
        {
            request.Note?.Invoke(dropped);
        }

        var session = new Session<TResult>(request, image, machine, roots, work);
        FormatRegistry.TryVisit(format.Id, session, out TResult? result);
        return result!;
    }

    private static TableImage Open(ImageRequest request)
    {
        // A capture says itself where its pages lie.
        bool isPlaced = request.Base is not null || request.Segments.Count != 0;
        if (isPlaced && (Directory.Exists(request.Path) || Path.GetFileName(request.Path) == "capture.json"))
        {
            throw new UsageException($"{request.Path}: is a capture; --base and --map are for raw files");
        }

        if (request.Base is not null && request.Segments.Count != 0)
        {
            throw new UsageException("--base and --map exclude each other");
        }

        try
        {
            return ImageSource.Open(request.Path, request.Base ?? default, request.Segments);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(ArgumentMessage.Of(e));
        }
    }

    private static FormatDescription FindFormat(ImageRequest request, TableImage image) => request.IsByDevice
        ? FindUnitFormat(request, image)
        : FindSaidFormat(request, image)
            ?? throw new UsageException($"{request.Path}: a raw file does not say its format; say it with --format");

    private static FormatDescription FindUnitFormat(ImageRequest request, TableImage image)
    {
        CheckUnit(request, image);
        string unit = AmdViSource.IsMeant(request, image) ? AmdViSource.FormatId : VtdSecondStage.Description.Id;
        return KnownFormats.Find(unit) ?? throw new UsageException(KnownFormats.Unknown(unit));
    }

    /// <summary>Makes sure that what is said of the tables' format is what the unit walks.</summary>
    private static void CheckUnit(ImageRequest request, TableImage image)
    {
        (string unit, string vendor) = AmdViSource.IsMeant(request, image)
            ? (AmdViSource.FormatId, "an AMD-Vi")
            : (VtdSecondStage.Description.Id, "a VT-d");
        if (FindSaidFormat(request, image) is { } said && said.Id != unit)
        {
            throw new UsageException($"{request.Path}: holds {said.Id} tables; devices are found in {unit} tables of {vendor} unit");
        }
    }

    private static FormatDescription? FindSaidFormat(ImageRequest request, TableImage image)
    {
        if (request.FormatId is string wanted)
        {
            return KnownFormats.Find(wanted) ?? throw new UsageException(KnownFormats.Unknown(wanted));
        }

        return image.FormatId is string told
            ? KnownFormats.Find(told) ?? throw new InputException($"{image.Location}: {KnownFormats.Unknown(told)}")
            : null;
    }

    private sealed class Session<TResult>(
        ImageRequest request,
        TableImage image,
        Machine machine,
        ImmutableArray<RequestedRoot> roots,
        ITableWork<TResult> work) : IFormatVisitor<TResult>
    {
        public TResult Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            FormatRules<TFormat> rules = TFormat.RulesFor(machine.Capabilities);
            var tables = new ImageTables<TFormat>
            {
                Location = image.Location,
                Rules = rules,
                Roots = [.. roots.Select(r => Judge(rules, r))],
                Overlay = machine.Overlay,
            };
            return image.Accept(new OpenImage<TFormat, TResult>(tables, work));
        }

        private NamedRoot<TFormat> Judge<TFormat>(FormatRules<TFormat> rules, RequestedRoot root)
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            int levels = root.Levels ?? RootSelection.UsualLevels(rules.Walks);
            try
            {
                return new NamedRoot<TFormat>(
                    new Root<TFormat>(rules, root.Table, levels) { Rights = root.Rights }, root.Names);
            }
            catch (ArgumentOutOfRangeException e)
            {
                string message = ArgumentMessage.Of(e);
                throw request.JudgesRoots
                    ? new UsageException(message)
                    : new InputException($"{image.Location}: {message}");
            }
        }
    }

    private sealed class OpenImage<TFormat, TResult>(ImageTables<TFormat> tables, ITableWork<TResult> work)
        : IImageVisitor<TResult>
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        public TResult Visit<TMemory>(in TMemory memory)
            where TMemory : struct, IPhysicalMemory => work.Run(in memory, tables);
    }
}
