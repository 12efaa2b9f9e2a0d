using System.Text;
using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Tests;

public sealed class StandInTests
{
    [Fact]
    public void What_Git_leaves_of_a_large_file_is_no_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("model.safetensors"), $"version https://git-lfs.github.com/spec/v1\noid sha256:{new string('5', 64)}\nsize 90868376\n");
        var error = Assert.Throws<InvalidInputException>(() => StandIn.Refuse(folder.PathOf("model.safetensors"))).Message;
        Assert.StartsWith($"{folder.PathOf("model.safetensors")}: is a Git LFS pointer, not the file: run git lfs pull", error);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Log in</body></html>")]
    [InlineData("\uFEFF\r\n  <html lang=\"en\">")]
    [InlineData("<!-- cached --><!doctype html>")]
    [InlineData("<?xml version=\"1.0\"?>\n<!-- saved --><!DOCTYPE html PUBLIC>")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>")]
    public void What_a_server_sent_instead_of_a_file_is_a_web_page(string page) => Assert.StartsWith("is a web page", StandIn.Of(Encoding.UTF8.GetBytes(page)));

    [Theory]
    [InlineData("")]
    [InlineData("version 2 of the shop")]
    [InlineData("<s>\n<pad>\n</s>\n<unk>")]
    [InlineData("user_id:token\titem_id:token")]
    [InlineData("<?xml version=\"1.0\"?><svg xmlns='http://www.w3.org/2000/svg'/>")]
    [InlineData("<?xml version=\"1.0\"?><shop><item/></shop>")]
    [InlineData("<?xml <!-- without end")]
    public void Other_files_are_themselves(string content) => Assert.Null(StandIn.Of(Encoding.UTF8.GetBytes(content)));
}
