using TdpHw.Formats;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;
using TdpHw.Mutation.Tests.Mutating;
using CapabilityKind = TdpHw.Generators.Model.CapabilityKind;

namespace TdpHw.Mutation.Tests;

/// <summary>What is listed as equivalent is asked many entries, and has to answer each as the definition does.</summary>
public sealed class EquivalenceTests
{
    private const int EntriesPerLevel = 400;

    public static TheoryData<string> Definitions =>
        [.. World.Real.Names.Where(name => World.Real.Bound(name) is FormatSpec format && Listed(format.Id).Any())];

    [Theory]
    [MemberData(nameof(Definitions))]
    public void A_mutant_that_is_listed_as_equivalent_answers_every_entry_alike(string name)
    {
        string formatId = ((FormatSpec)World.Real.Bound(name)).Id;
        string[] family = [.. World.Real.Family(name).Select(member => ((FormatSpec)World.Real.Bound(member)).Id)];
        var mutants = Mutator.Of(name, World.Real.Root(name)).ToDictionary(m => m.Id);
        foreach (string id in Listed(formatId))
        {
            World changed = World.With(name, mutants[id].Root)!;
            foreach (string member in family)
            {
                SpecFormat real = World.Real.Format(member);
                SpecFormat mutant = changed.Format(member);
                foreach (Dictionary<string, int> machine in Machines(real.Spec))
                {
                    Compare($"{id} in {member}", real.Resolve(machine), mutant.Resolve(machine));
                }
            }
        }
    }

    private static IEnumerable<string> Listed(string formatId) =>
        ReviewedMutants.Equivalent.Keys.Where(id => id.StartsWith(formatId + "/", StringComparison.Ordinal));

    /// <summary>Every combination of flags; widths are the least, so that addresses are often too wide.</summary>
    private static IEnumerable<Dictionary<string, int>> Machines(FormatSpec format)
    {
        string[] flags = [.. format.Capabilities.Where(c => c.Kind == CapabilityKind.Flag).Select(c => c.Name)];
        for (int setting = 0; setting < 1 << flags.Length; setting++)
        {
            var machine = flags.Select((flag, i) => (flag, setting >> i & 1)).ToDictionary(f => f.flag, f => f.Item2);
            foreach (CapabilitySpec width in format.Capabilities.Where(c => c.Kind == CapabilityKind.Width))
            {
                machine.Add(width.Name, width.Minimum);
            }

            yield return machine;
        }
    }

    private static void Compare(string id, SpecRules real, SpecRules mutant)
    {
        var random = new Random(1);
        for (int level = 1; level <= real.LevelCount; level++)
        {
            for (int i = 0; i < EntriesPerLevel; i++)
            {
                ulong raw = Entry(random);
                EntryAnswer expected = Answer(real, level, raw);
                EntryAnswer answer = Answer(mutant, level, raw);
                if (expected != answer)
                {
                    Assert.Fail($"{id}: 0x{raw:x} at level {level} is {answer}, not {expected}");
                }
            }
        }
    }

    private static EntryAnswer Answer(SpecRules rules, int level, ulong raw)
    {
        LevelRules here = rules[level];
        EntryLayout layout = here.LayoutOf(raw);
        if (layout == EntryLayout.NotPresent)
        {
            return default;
        }

        bool isLeaf = layout == EntryLayout.Leaf;
        Rights rights = here.RightsOf(raw);
        return new EntryAnswer(
            layout,
            here.KindOf(raw),
            rights,
            isLeaf ? rights : rights & ~here.GrantedByTables,
            isLeaf ? here.PageOf(raw) : here.TableOf(raw),
            isLeaf ? here.PageShiftOf(raw) : 0,
            raw & here.ReservedIn(layout),
            string.Join(' ', rules.IllegalIn(level, layout, raw)));
    }

    /// <summary>An entry whose bits beside the address are often set, and whose address is often nearly empty.</summary>
    private static ulong Entry(Random random)
    {
        const ulong Address = 0x000f_ffff_ffff_c000;
        ulong all = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        ulong some = random.Next(2) == 0 ? all : all & (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        ulong address = random.Next(4) switch
        {
            0 => some & Address,
            1 => 1ul << random.Next(14, 52),
            _ => 0,
        };
        return (some & ~Address) | address | (random.Next(4) == 0 ? 0ul : 1);
    }

    /// <summary>All that is told of an entry; nothing of one that is not present.</summary>
    private readonly record struct EntryAnswer(
        EntryLayout Layout,
        EntryKind Kind,
        Rights Rights,
        Rights OwnRights,
        ulong Output,
        int PageShift,
        ulong ReservedBits,
        string Illegal);
}
