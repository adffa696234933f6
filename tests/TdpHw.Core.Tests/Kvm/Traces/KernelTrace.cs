using System.Globalization;
using System.Text.RegularExpressions;

namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>Reads the text of the kernel's trace buffer.</summary>
internal static partial class KernelTrace
{
    /// <summary>The events of a file in their order; a line that is none is a comment or an error.</summary>
    public static IReadOnlyList<TraceEvent> Read(string path)
    {
        var events = new List<TraceEvent>();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.StartsWith('#'))
            {
                continue;
            }

            Match match = EventLine().Match(line);
            Assert.True(match.Success, $"line {number}: {line}");
            if (Parse(match.Groups["event"].Value, match.Groups["text"].Value, number) is { } parsed)
            {
                events.Add(parsed);
            }
        }

        return events;
    }

    private static TraceEvent? Parse(string name, string text, int line) => name switch
    {
        "ld" => Of(TraceEventKind.RootLoaded, line, RootLoaded().Match(text)),
        "kvm_page_fault" => Of(TraceEventKind.PageFault, line, PageFault().Match(text)),
        "fast_page_fault" => Of(TraceEventKind.FastPageFault, line, FastPageFault().Match(text)),
        "kvm_tdp_mmu_spte_changed" => Of(TraceEventKind.EntryChanged, line, EntryChanged().Match(text)),
        "kvm_mmu_set_spte" => Of(TraceEventKind.PageMapped, line, PageMapped().Match(text)),
        "mark_mmio_spte" => Of(TraceEventKind.MmioMarked, line, MmioMarked().Match(text)),
        "kvm_mmu_split_huge_page" => Of(TraceEventKind.HugePageSplit, line, HugePageSplit().Match(text)),
        "kvm_unmap_hva_range" => Of(TraceEventKind.HostUnmapped, line, HostRange().Match(text)),
        "kvm_age_hva" => Of(TraceEventKind.HostAged, line, HostRange().Match(text)),

        // The root again, with the bits of the EPTP.
        "eptp" => null,
        _ => throw new InvalidDataException($"line {line}: no event is called {name}."),
    };

    private static TraceEvent Of(TraceEventKind kind, int line, Match match)
    {
        Assert.True(match.Success, $"line {line}: not the text of {kind}");
        return new TraceEvent
        {
            Kind = kind,
            Line = line,
            Gfn = Hex(match, "gfn"),
            Level = (int)Hex(match, "level"),
            Old = Hex(match, "old"),
            New = Hex(match, "new"),
            Address = Hex(match, "address"),
            Qualification = Hex(match, "code"),
            IsFixed = Hex(match, "fixed") != 0,
            Generation = Hex(match, "gen"),
            Start = Hex(match, "start"),
            End = Hex(match, "end"),
        };
    }

    private static ulong Hex(Match match, string group) => match.Groups[group] is { Success: true, ValueSpan: var digits }
        ? ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : 0;

    // Task, CPU and flags, time; then the event's name and text.
    [GeneratedRegex(@"^\s+\S+\s+\[\d+\]\s\S+\s+[\d.]+: (?<event>\w+): (?<text>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EventLine();

    [GeneratedRegex(@" root=0x(?<address>\w+) level=(?<level>\d)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RootLoaded();

    [GeneratedRegex(@" address 0x(?<address>\w+) error_code 0x(?<code>\w+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PageFault();

    [GeneratedRegex(
        @" gva (?<address>\w+) error_code \S+ sptep \w+ old 0x(?<old>\w+) new (?<new>\w+) spurious 0 fixed (?<fixed>\d)$",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex FastPageFault();

    [GeneratedRegex(
        @"^as id 0 gfn (?<gfn>\w+) level (?<level>\d) old_spte (?<old>\w+) new_spte (?<new>\w+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EntryChanged();

    [GeneratedRegex(
        @"^gfn (?<gfn>\w+) spte (?<new>\w+) \(\S+\) level (?<level>\d) at (?<address>\w+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PageMapped();

    [GeneratedRegex(@" gfn (?<gfn>\w+) access \w+ gen (?<gen>\w+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MmioMarked();

    [GeneratedRegex(@"^gfn (?<gfn>\w+) spte (?<new>\w+) level (?<level>\d) errno 0$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HugePageSplit();

    [GeneratedRegex(@" range: 0x(?<start>\w+) -- 0x(?<end>\w+)$| age hva: 0x(?<start>\w+) -- 0x(?<end>\w+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HostRange();
}
