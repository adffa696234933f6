using TdpHw.Formats;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Tables walked as the manuals say, for every access.</summary>
internal sealed class WalkTruth(string answer, string caps, string formatId, string about) : ITruth
{
    private static readonly Access[] Accesses = Enum.GetValues<Access>();

    private readonly WalkVector[] _walks = WalkVector.ReadAll(answer, caps);

    public string Name => "walks of " + answer;

    public IReadOnlyCollection<string> About { get; } = [about];

    public void Check(World world)
    {
        SpecFormat format = world.Format(formatId);
        foreach (WalkVector walk in _walks)
        {
            SpecRules rules = format.Resolve(walk.Capabilities);
            foreach (Access access in Accesses)
            {
                var reads = new List<ulong>();
                WalkResult result = rules.Walk(
                    address =>
                    {
                        ulong entry = walk.Image.GetValueOrDefault(address);
                        reads.Add(entry);
                        return entry;
                    },
                    walk.Root,
                    walk.Levels,
                    walk.Address,
                    access);
                Check(walk, access, result, reads);
            }
        }
    }

    private void Check(WalkVector walk, Access access, WalkResult result, List<ulong> reads)
    {
        int denied = formatId == "ept" ? DeniedMalformedFirst(walk, access) : DeniedPermissionFirst(walk, access);
        int last = denied < 0 ? walk.Trace.Length - 1 : denied;
        Expect.Equal(denied < 0 ? walk.Outcome : WalkOutcome.PermissionDenied, result.Outcome, walk.Id, "outcome");
        Expect.Equal(denied < 0 ? walk.Level : walk.Trace[denied].Level, result.Level, walk.Id, "level");
        Expect.Same(walk.Trace.Take(last + 1).Select(t => t.Entry), reads, walk.Id, "path");
        Expect.Equal(walk.Trace[last].Entry, result.Entry, walk.Id, "entry");
        if (denied < 0)
        {
            Expect.Equal(walk.Output, result.Output.Value, walk.Id, "output");
            Expect.Equal(walk.PageSize, result.PageSize, walk.Id, "page size");
        }

        if (denied < 0 && walk.Outcome == WalkOutcome.Mapped)
        {
            Expect.Equal(walk.Rights, result.Rights & ~Rights.User, walk.Id, "rights");
        }
    }

    /// <summary>EPT judges rights once, at a well-formed leaf: the entry of the path that refuses, or -1.</summary>
    private static int DeniedMalformedFirst(WalkVector walk, Access access) =>
        walk.Outcome != WalkOutcome.Mapped || (walk.Rights & access.Needed()) == access.Needed() ? -1 : walk.Trace.Length - 1;

    /// <summary>
    /// VT-d judges each present entry's right before its reserved bits, so that the first entry on the path which lacks the
    /// bit refuses. The oracle's walks honour no execute requests: nothing grants them.
    /// </summary>
    private static int DeniedPermissionFirst(WalkVector walk, Access access)
    {
        ulong needed = access switch
        {
            Access.Read => 1,
            Access.Write => 2,
            _ => 0,
        };
        for (int i = 0; i < walk.Trace.Length && access != Access.None && (walk.Trace[i].Entry & 3) != 0; i++)
        {
            if ((walk.Trace[i].Entry & needed) == 0)
            {
                return i;
            }
        }

        return -1;
    }
}
