using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Tests.Readme;

/// <summary>The sample of the README, line by line, so that it compiles and runs.</summary>
internal static class LibrarySample
{
    public static void Run()
    {
        using CaptureImage image = CaptureImage.Open("tests/captures/ept-default");

        // Capabilities become masks once; a walk never asks for one again.
        FormatRules<Ept> rules = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 40 });
        var root = new Root<Ept>(rules, image.Roots[0].Table, image.Roots[0].Levels);

        WalkResult walk = Ept.Walk(image.Memory, root, new InputAddress(0x1000), Access.Write);
        Console.WriteLine($"{walk.Outcome}: {walk.Output}, {walk.PageSize} bytes, {walk.Rights.ToListing()}");

        var leaf = new EptEntry(walk.Entry);
        Console.WriteLine($"{leaf}; KVM holds it for present: {KvmEptLow.MmuPresent(leaf)}");

        var ranges = new RangeCursor<Ept, SparseMemory>(image.Memory, root);
        while (ranges.MoveNext() && ranges.Leaves < 10)
        {
            Console.WriteLine($"{ranges.Current.Address} -> {ranges.Current.Output}, {ranges.Current.Size} bytes");
        }
    }
}
