using System.Diagnostics;
using System.Net.Sockets;
using static TdpHw.Memory.Tests.Entries;

namespace TdpHw.Memory.Tests;

public sealed class RawImageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // On a thread of its own, so that an opening that hangs is a failed test instead of a run without end.
    private static async Task<string> RefusedAsync(string path)
    {
        Task<RawImage> opening = Task.Run(() => RawImage.Open(path));
        return (await Assert.ThrowsAsync<ImageException>(() => opening.WaitAsync(TimeSpan.FromMinutes(1)))).Message;
    }

    [Fact]
    public void File_is_read_where_it_lies()
    {
        string path = _folder.WriteEntries("dump", Pages(2, 1));
        using RawImage image = RawImage.Open(path, At(0x4000));

        Assert.Equal(1UL, Read(image.Memory, 0x4000));
        Assert.Equal((typeof(PagedFileMemory), 513UL), image.Accept(new FirstEntryVisitor(0x5000)));
        Assert.Equal(path, image.Location);
        Assert.Null(image.FormatId);
        Assert.Empty(image.Parameters);
        Assert.Empty(image.Roots);
        Assert.Null(image.ReadError);
    }

    [Fact]
    public void Segments_replace_the_start_address()
    {
        string path = _folder.WriteEntries("dump", Pages(2, 1));
        using RawImage image = RawImage.Open(path, At(0x4000), [new(At(0x9000), 0x1000, 0x1000)]);

        Assert.Equal(513UL, Read(image.Memory, 0x9000));
        Assert.Null(Read(image.Memory, 0x4000));
    }

    [Fact]
    public void Empty_file_has_nothing_in_memory()
    {
        using RawImage image = RawImage.Open(_folder.Write("dump", []));

        Assert.Null(Read(image.Memory, 0));
        Assert.Null(Table(image.Memory, 0, 512));
        Assert.Null(image.ReadError);
    }

    [Fact]
    public void File_smaller_than_an_entry_has_nothing_in_memory()
    {
        using RawImage image = RawImage.Open(_folder.Write("dump", [1, 2, 3, 4, 5, 6, 7]));

        Assert.Null(Read(image.Memory, 0));
    }

    [Fact]
    public void Sparse_file_of_a_terabyte_is_read_in_place()
    {
        string path = _folder.PathOf("dump");
        using (FileStream dump = File.Create(path))
        {
            dump.SetLength(1L << 40);
            dump.Position = (1L << 40) - 8;
            dump.Write([1, 0, 0, 0, 0, 0, 0, 0]);
        }

        using RawImage image = RawImage.Open(path);

        Assert.Equal(1UL, Read(image.Memory, (1UL << 40) - 8));
        Assert.Equal(0UL, Read(image.Memory, 1UL << 39));
        Assert.Null(Read(image.Memory, 1UL << 40));
    }

    [Fact]
    public void Others_may_write_and_delete_the_file()
    {
        string path = _folder.WriteEntries("dump", Pages(1, 1));
        using RawImage image = RawImage.Open(path);

        File.Delete(path);

        Assert.Equal(1UL, Read(image.Memory, 0));
    }

    [Fact]
    public void File_is_closed_with_the_image()
    {
        RawImage image = RawImage.Open(_folder.WriteEntries("dump", Pages(1, 1)));

        image.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Read(image.Memory, 0));
    }

    [Fact]
    public void Read_error_is_told()
    {
        using RawImage image = RawImage.Open("/proc/self/mem", segments: [new(At(0), 0, 0x1000)]);

        Assert.Null(Read(image.Memory, 0));
        Assert.False(string.IsNullOrEmpty(image.ReadError));
    }

    [Fact]
    public async Task Missing_file_is_refused()
    {
        Assert.Equal($"{_folder.PathOf("no")}: no such file", await RefusedAsync(_folder.PathOf("no")));
        string below = Path.Combine(_folder.PathOf("no"), "deeper");
        Assert.Equal($"{below}: no such file", await RefusedAsync(below));
        Assert.Equal("the path is empty", await RefusedAsync(""));
    }

    [Fact]
    public async Task Path_that_can_not_be_is_refused()
    {
        string message = await RefusedAsync("a\0b");

        Assert.StartsWith("a?b: can't be opened: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_is_refused() =>
        Assert.Equal($"{_folder.FullName}: is a directory, not a file", await RefusedAsync(_folder.FullName));

    [Fact]
    public async Task Named_pipe_is_refused_without_waiting_for_its_writer()
    {
        string pipe = _folder.PathOf("pipe");
        using (Process mkfifo = Process.Start("mkfifo", [pipe]))
        {
            await mkfifo.WaitForExitAsync();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        string link = _folder.PathOf("link");
        File.CreateSymbolicLink(link, pipe);

        Assert.Equal($"{pipe}: is a named pipe, not a regular file", await RefusedAsync(pipe));
        Assert.Equal($"{link}: is a named pipe, not a regular file", await RefusedAsync(link));
    }

    [Fact]
    public async Task Device_is_refused()
    {
        Assert.Equal("/dev/zero: is a character device, not a regular file", await RefusedAsync("/dev/zero"));
        Assert.Equal("/dev/null: is a character device, not a regular file", await RefusedAsync("/dev/null"));
    }

    [Fact]
    public async Task Socket_is_refused()
    {
        string path = _folder.PathOf("socket");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));

        Assert.Equal($"{path}: is a socket, not a regular file", await RefusedAsync(path));
    }

    [Fact]
    public void File_without_permission_is_refused_to_those_whom_permissions_bind()
    {
        string path = _folder.WriteEntries("dump", Pages(1, 1));
        Exception? refused;
        using (FilePermission.TakenFrom(path))
        {
            refused = Record.Exception(() => RawImage.Open(path).Dispose());
        }

        Assert.Equal(FilePermission.Binds ? $"{path}: no permission to read" : null, refused?.Message);
    }
}
