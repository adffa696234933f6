using System.Diagnostics;
using System.Reflection;
using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Ratios;

/// <summary><c>ratios [-o text|json] [--format ept|npt|amdv1] [CASE…]</c>: measures the rows of the table in one run.</summary>
internal static class RatioCommand
{
    // What the collector, the peers and everything else of this process may need beside a case.
    private const long Headroom = 512 << 20;

    public static int Run(IReadOnlyList<string> arguments, Stream output, TextWriter log)
    {
        bool isJson = false;
        GuestFormat format = GuestFormat.All[0];
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is "-o" && i + 1 < arguments.Count && arguments[i + 1] is "json" or "text")
            {
                isJson = arguments[++i] == "json";
            }
            else if (arguments[i] is "--format" && i + 1 < arguments.Count && GuestFormat.All.FirstOrDefault(f => f.Id == arguments[i + 1]) is { } chosen)
            {
                format = chosen;
                i++;
            }
            else if (Goals.All.Any(g => g.Case == arguments[i]))
            {
                wanted.Add(arguments[i]);
            }
            else
            {
                string formats = string.Join('|', GuestFormat.All.Select(f => f.Id));
                log.WriteLine(
                    $"'{string.Join(' ', arguments.Skip(i))}' starts with neither '-o text|json', '--format {formats}' nor a case; there are: "
                    + string.Join(", ", Goals.All.Select(g => g.Case)));
                return 2;
            }
        }

        if (typeof(Ept).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            log.WriteLine("this is a Debug build, whose numbers say nothing: dotnet run -c Release");
        }

        RatioRow[] rows = Measure(format, c => wanted.Count == 0 || c.Goals.Any(g => wanted.Contains(g.Case)), log);
        rows = [.. rows.Where(r => wanted.Count == 0 || wanted.Contains(r.Goal.Case)).OrderBy(r => Goals.All.IndexOf(r.Goal))];
        if (isJson)
        {
            RatioTable.WriteJson(output, rows);
        }
        else
        {
            using var text = new StreamWriter(output, leaveOpen: true);
            RatioTable.WriteText(text, rows);
        }

        return 0;
    }

    private static RatioRow[] Measure(GuestFormat format, Func<RatioCase, bool> isWanted, TextWriter log)
    {
        using var compiler = new PeerCompiler();
        var run = new RatioRun(compiler, format, log);
        long start = Stopwatch.GetTimestamp();
        var rows = new List<RatioRow>();
        foreach (RatioCase next in format.Cases.Where(isWanted))
        {
            log.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s: {string.Join(", ", next.Goals.Select(g => g.Case))}");
            long needed = (next.Shape?.TableBytes ?? 0) + next.ExtraBytes + Headroom;
            IEnumerable<RatioRow> measured = !next.IsFor(format)
                ? next.Goals.Select(g => RatioRow.Skipped(g, $"not available for {format.Id}"))
                : FreeMemory.Available() is var free && free < needed && !run.Has(next.Shape)
                ? next.Goals.Select(g => RatioRow.Skipped(g, $"needs {needed >> 20} MiB of memory, {free >> 20} MiB are free"))
                : next.Measure(run);
            rows.AddRange(measured.Select(r => r.With("format", format.Id)));
        }

        log.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        return [.. rows];
    }
}
