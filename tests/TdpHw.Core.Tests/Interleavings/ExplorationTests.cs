using TdpHw.Core.Machines;
using static TdpHw.Core.Tests.Interleavings.SmallProgram;

namespace TdpHw.Core.Tests.Interleavings;

public sealed class ExplorationTests
{
    [Theory]
    [InlineData(2, 1, 400)]
    [InlineData(2, 3, 400)]
    [InlineData(3, 2, 20)]
    public void The_reduced_exploration_reaches_every_end_that_the_full_one_reaches(int threads, int length, int programs)
    {
        long reduced = 0;
        long full = 0;
        for (int seed = 0; seed < programs; seed++)
        {
            Instruction[][] program = SmallProgram.Random(new Random(seed), threads, length);

            (ExplorationResult few, SortedSet<string> fewEnds) = Explore(program, isReduced: true);
            (ExplorationResult all, SortedSet<string> allEnds) = Explore(program, isReduced: false);

            Assert.True(few.IsComplete && all.IsComplete && few.Finding is null && all.Finding is null, $"seed {seed}");
            Assert.True(allEnds.SetEquals(fewEnds), $"seed {seed}: {string.Join(' ', allEnds.Except(fewEnds))}");
            Assert.True(few.Schedules <= all.Schedules, $"seed {seed}");
            reduced += few.Schedules;
            full += all.Schedules;
        }

        Assert.True(reduced * 2 < full || length == 1, $"{reduced} of {full}");
    }

    [Fact]
    public void Three_steps_that_meet_have_six_orders_and_three_that_do_not_have_one()
    {
        Instruction[][] meeting = [[new(Verb.Store, 0, 1)], [new(Verb.Store, 0, 2)], [new(Verb.Store, 0, 3)]];
        Instruction[][] apart = [[new(Verb.Store, 0, 1)], [new(Verb.Load, 1, 0)], [new(Verb.Load, 1, 0)]];

        Assert.Equal(6, Explore(meeting, isReduced: true).Result.Schedules);
        Assert.Equal(1, Explore(apart, isReduced: true).Result.Schedules);
        Assert.Equal(6, Explore(apart, isReduced: false).Result.Schedules);
    }

    [Fact]
    public void Sections_under_a_lock_are_run_in_both_orders_and_not_mixed()
    {
        Instruction[] section = [new(Verb.Lock, 0, 0), new(Verb.Add, 0, 1), new(Verb.Add, 1, 1)];

        (ExplorationResult result, SortedSet<string> ends) = Explore([section, section], isReduced: true);

        Assert.Equal((2, true), (result.Schedules, result.IsComplete));
        Assert.Equal(["2,2,0,0"], ends);
    }

    [Fact]
    public void An_update_that_is_lost_is_found_and_its_schedule_loses_it_again()
    {
        Instruction[][] program = [[new(Verb.Add, 0, 1)], [new(Verb.Add, 0, 1)]];
        World Create(Interleaving interleaving) => new SmallProgram(interleaving, program, end => Assert.Equal("2,0,0,0", end));

        ExplorationResult result = Exploration.Explore(Create);

        Assert.NotNull(result.Finding);
        Assert.Equal(2, result.Finding.Schedule.Switches);
        Assert.IsAssignableFrom<Xunit.Sdk.XunitException>(Exploration.Replay(Create, Schedule.Parse(result.Finding.Schedule.ToString())));
        Assert.Null(Exploration.Replay(Create, Schedule.Parse("0x2 1x2")));
    }

    [Fact]
    public void Locks_that_two_threads_take_in_different_orders_are_found_to_wait_for_each_other()
    {
        Instruction[][] program =
        [
            [new(Verb.Lock, 0, 0), new(Verb.Lock, 1, 0)],
            [new(Verb.Lock, 1, 0), new(Verb.Lock, 0, 0)],
        ];
        World Create(Interleaving interleaving) => new SmallProgram(interleaving, program, _ => { });

        ExplorationResult result = Exploration.Explore(Create);

        Assert.IsType<DeadlockException>(result.Finding?.Failure);
        Assert.IsType<DeadlockException>(Exploration.Replay(Create, result.Finding.Schedule));
    }

    [Fact]
    public void A_thread_that_waits_for_what_never_comes_is_found()
    {
        Instruction[][] program = [[new(Verb.Await, 0, 1)], [new(Verb.Store, 0, 2), new(Verb.Store, 1, 1)]];

        ExplorationResult result = Exploration.Explore(interleaving => new SmallProgram(interleaving, program, _ => { }));

        Assert.IsType<DeadlockException>(result.Finding?.Failure);
    }

    [Fact]
    public void An_exploration_that_gives_up_does_not_call_itself_complete()
    {
        Instruction[] code = [new(Verb.Add, 0, 1), new(Verb.Add, 0, 1)];

        ExplorationResult result = Exploration.Explore(
            interleaving => new SmallProgram(interleaving, [code, code], _ => { }), mostSchedules: 3);

        Assert.Equal((3, false), (result.Schedules + result.Abandoned, result.IsComplete));
    }

    private static (ExplorationResult Result, SortedSet<string> Ends) Explore(Instruction[][] program, bool isReduced)
    {
        var ends = new SortedSet<string>(StringComparer.Ordinal);
        ExplorationResult result = Exploration.Explore(
            interleaving => new SmallProgram(interleaving, program, end => ends.Add(end)), isReduced);
        return (result, ends);
    }
}
