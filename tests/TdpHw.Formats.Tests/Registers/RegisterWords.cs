namespace TdpHw.Formats.Tests.Registers;

/// <summary>A register of several words, read from memory and written to it without boxes: spans can't be passed otherwise.</summary>
internal abstract class RegisterWords
{
    public static RegisterWords Named(string name) => (RegisterWords)Activator.CreateInstance(
        typeof(Of<>).MakeGenericType(typeof(FormatRegistry).Assembly.GetType($"TdpHw.Formats.{name}", throwOnError: true)!))!;

    /// <summary>Reads a register from the first words and writes it to the others.</summary>
    public abstract void Copy(ReadOnlySpan<ulong> from, Span<ulong> to);

    private sealed class Of<TRegister> : RegisterWords
        where TRegister : struct
    {
        private readonly Reader _read = typeof(TRegister).GetMethod("Read")!.CreateDelegate<Reader>();
        private readonly Writer _write = typeof(TRegister).GetMethod("Write")!.CreateDelegate<Writer>();

        private delegate TRegister Reader(ReadOnlySpan<ulong> words);

        private delegate void Writer(ref TRegister register, Span<ulong> words);

        public override void Copy(ReadOnlySpan<ulong> from, Span<ulong> to)
        {
            TRegister register = _read(from);
            _write(ref register, to);
        }
    }
}
