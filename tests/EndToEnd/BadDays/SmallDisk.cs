using System.Diagnostics;

namespace LmmRec.EndToEnd.BadDays;

/// <summary>A small disk in memory, which can be full. Only root can have one; for others the test is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Megabytes = 8;
    private const string Filler = "filler";

    private readonly TemporaryFolder _folder = new();

    public SmallDisk()
    {
        Path = Directory.CreateDirectory(_folder.PathOf("disk")).FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={Megabytes}m", "none", Path)) return;
        _folder.Dispose();
        Assert.Skip("a disk that is full takes a small one, which only root may mount");
    }

    public string Path { get; }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Fills the disk but for so many bytes.</summary>
    public void Fill(int butFor)
    {
        using var filler = File.Create(PathOf(Filler));
        for (var left = new DriveInfo(Path).AvailableFreeSpace - butFor; left > 0; left -= 4096) filler.Write(new byte[Math.Min(left, 4096)]);
    }

    public void MakeRoom() => File.Delete(PathOf(Filler));

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
