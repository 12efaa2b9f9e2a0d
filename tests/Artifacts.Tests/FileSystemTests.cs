using System.Text;
using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Tests;

public sealed class FileSystemTests
{
    [Fact]
    public void A_file_that_breaks_off_while_it_is_written_leaves_the_one_of_before_or_none()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("paper.json");
        Assert.Throws<IOException>(() => FileSystem.WriteAtomically(path, Half, overwrite: false));
        Assert.Empty(Directory.GetFiles(folder.Path)); // on a full disk every byte counts
        FileSystem.WriteAtomically(path, stream => stream.Write("whole"u8), overwrite: false);
        Assert.Throws<IOException>(() => FileSystem.WriteAtomically(path, Half));
        Assert.Equal("whole", File.ReadAllText(path));

        static void Half(Stream stream)
        {
            stream.Write(Encoding.UTF8.GetBytes("ha"));
            throw new IOException("no space left");
        }
    }

    [Fact]
    public void Of_two_that_write_a_file_at_the_same_time_both_succeed_and_the_later_one_stays()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("summary.json");
        FileSystem.WriteAtomically(path, ours =>
        {
            FileSystem.WriteAtomically(path, theirs => theirs.Write("theirs"u8), alone: false);
            Assert.Equal("theirs", File.ReadAllText(path));
            ours.Write("ours"u8);
        }, alone: false);
        Assert.Equal("ours", File.ReadAllText(Assert.Single(Directory.GetFiles(folder.Path))));
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_where_that_is_meant()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("paper.json");
        File.WriteAllText(path, "the user's");
        Assert.Throws<IOException>(() => FileSystem.WriteAtomically(path, stream => stream.Write("ours"u8), overwrite: false));
        Assert.Equal(("the user's", 1), (File.ReadAllText(path), Directory.GetFiles(folder.Path).Length));
        FileSystem.WriteAtomically(path, stream => stream.Write("ours"u8));
        Assert.Equal("ours", File.ReadAllText(path));
    }
}
