using Acme.Tables;
using TdpHw.Core.Machines;
using TdpHw.Formats;
using TdpHw.Memory;

// A directory at 0x1000 whose second entry leads to a table at 0x2000, which maps one page that may only be read.
ulong[] entries = new ulong[1024];
entries[1] = 0x2003;
entries[512 + 5] = 0x7f000001;
var memory = new FlatMemory(new HostPhysicalAddress(0x1000), entries);
var root = new Root<Orchard>(Orchard.RulesFor(new OrchardCapabilities { Width = 36 }), new HostPhysicalAddress(0x1000), 2);

foreach (Access access in (Access[])[Access.Read, Access.Write])
{
    WalkResult walk = Orchard.Walk(memory, root, new InputAddress(0x205abc), access);
    Console.WriteLine($"{access}: {walk.Outcome}{(walk.IsMapped ? $" {walk.Output}" : "")}");
}

Console.WriteLine($"owner: {AcmeEptFirst.Owner(new EptEntry(0x0030_0000_0000_1007))}");
DecodedEntry tagged = EntryDecoder.Decode(FirmwareSv39X4.RulesFor(new FirmwareSv39X4Capabilities()), 1, 0x2000_03df);
Console.WriteLine($"tag: {new FirmwareSv39X4Entry(tagged.Raw).Tag} of {tagged.Output}");
Console.WriteLine($"formats: {string.Join(", ", Acme.Tables.FormatRegistry.Formats.Select(f => f.Id))}");
Console.WriteLine($"machine: {new Machine(SharingMode.Strict).Mode.Closes(Hazard.MmioIsMapped)}");
