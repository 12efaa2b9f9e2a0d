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
        Assert.False(File.Exists(path));
        FileSystem.WriteAtomically(path, stream => stream.Write("whole"u8), overwrite: false); // the rest of the first try does not stand in the way
        Assert.Throws<IOException>(() => FileSystem.WriteAtomically(path, Half));
        Assert.Equal("whole", File.ReadAllText(path));

        static void Half(Stream stream)
        {
            stream.Write(Encoding.UTF8.GetBytes("ha"));
            throw new IOException("no space left");
        }
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
