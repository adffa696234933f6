using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>A world of a few variables and locks, with operations that are lists of instructions.</summary>
internal sealed class SmallProgram : World
{
    private const int Variables = 2;
    private const int Gates = 2;

    private readonly Interleaving _interleaving;
    private readonly int[] _values = new int[Variables];
    private readonly ExclusiveGate[] _exclusive;
    private readonly SharedGate _shared;
    private readonly int[] _locals;
    private readonly Action<string> _end;

    public SmallProgram(Interleaving interleaving, Instruction[][] threads, Action<string> end)
    {
        _interleaving = interleaving;
        _exclusive = [.. Enumerable.Range(0, Gates).Select(_ => new ExclusiveGate(interleaving))];
        _shared = new SharedGate(interleaving);
        _locals = new int[threads.Length];
        _end = end;
        Operations = [.. threads.Select((code, i) => new Operation($"thread {i}", () => Run(i, code, 0)))];
    }

    public enum Verb
    {
        Load,
        Store,
        Add,
        Exchange,
        Lock,
        Share,
        Await,
    }

    public override IReadOnlyList<Operation> Operations { get; }

    public override void CheckEnd() => _end(string.Join(',', _values.Concat(_locals)));

    /// <summary>Instructions at random. A lock is held to the end of its thread; what is awaited the last instruction of another brings.</summary>
    public static Instruction[][] Random(Random random, int threads, int length)
    {
        var verbs = new[] { Verb.Load, Verb.Load, Verb.Store, Verb.Add, Verb.Exchange, Verb.Lock, Verb.Share };
        Instruction[][] program =
        [
            .. Enumerable.Range(0, threads).Select(t => Enumerable.Range(0, length)
                .Select(i => new Instruction(verbs[random.Next(verbs.Length)], random.Next(Variables), (10 * (t + 1)) + i))
                .ToArray()),
        ];

        // Locks in ascending order, each once, so that no program waits for ever.
        for (int thread = 0; thread < threads; thread++)
        {
            int lowest = 0;
            for (int i = 0; i < length; i++)
            {
                Instruction instruction = program[thread][i];
                if (instruction.Verb is Verb.Lock or Verb.Share)
                {
                    int rank = instruction.Verb == Verb.Share ? Gates : instruction.Target;
                    program[thread][i] = rank < lowest ? instruction with { Verb = Verb.Load } : instruction;
                    lowest = Math.Max(lowest, rank + 1);
                }
            }
        }

        if (random.Next(3) == 0)
        {
            program[0][^1] = new Instruction(Verb.Store, 0, 99);
            program[1][0] = new Instruction(Verb.Await, 0, 99);
            for (int i = 1; i < length; i++)
            {
                program[1][i] = program[1][i] with { Target = 1 };
            }

            for (int thread = 2; thread < threads; thread++)
            {
                for (int i = 0; i < length; i++)
                {
                    program[thread][i] = program[thread][i] with { Target = 1 };
                }
            }
        }

        return program;
    }

    private void Run(int thread, Instruction[] code, int index)
    {
        if (index == code.Length)
        {
            return;
        }

        (Verb verb, int target, int value) = code[index];
        if (verb == Verb.Lock)
        {
            using ExclusiveGate.Held held = _exclusive[target].Enter();
            Run(thread, code, index + 1);
            return;
        }

        if (verb == Verb.Share)
        {
            using SharedGate.Held held = value % 2 == 0 ? _shared.EnterExclusive() : _shared.EnterShared();
            Run(thread, code, index + 1);
            return;
        }

        Run(thread, verb, target, value);
        Run(thread, code, index + 1);
    }

    private void Run(int thread, Verb verb, int target, int value)
    {
        switch (verb)
        {
            case Verb.Load:
                _locals[thread] = (_locals[thread] * 31) + Load(target);
                break;

            case Verb.Store:
                Store(target, value);
                break;

            case Verb.Add:
                Store(target, Load(target) + value);
                break;

            case Verb.Exchange:
                _interleaving.Before(_values, target, writes: true);
                (_values[target], _locals[thread]) = (value, _locals[thread] + _values[target]);
                break;

            case Verb.Await:
                while (Load(target) != value)
                {
                    _interleaving.BeforeRetry();
                }

                break;
        }
    }

    private int Load(int target)
    {
        _interleaving.Before(_values, target, writes: false);
        return _values[target];
    }

    private void Store(int target, int value)
    {
        _interleaving.Before(_values, target, writes: true);
        _values[target] = value;
    }

    /// <summary>An instruction.</summary>
    /// <param name="Verb">What it does.</param>
    /// <param name="Target">Which variable or lock.</param>
    /// <param name="Value">With which value.</param>
    public readonly record struct Instruction(Verb Verb, int Target, int Value);
}
