using System.Buffers.Binary;

namespace TdpHw.Memory.Tests;

/// <summary>A folder of its own for one test, gone after it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory("tdphw-memory-").FullName;

    public string PathOf(string name) => Path.Combine(FullName, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        string path = PathOf(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Writes entries as a raw file.</summary>
    public string WriteEntries(string name, ulong[] entries) => Write(name, Bytes(entries));

    public void Dispose() => Directory.Delete(FullName, recursive: true);

    public static byte[] Bytes(IEnumerable<ulong> entries) =>
    [
        .. entries.SelectMany(e =>
        {
            byte[] bytes = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, e);
            return bytes;
        }),
    ];
}
