using LmmRec.Artifacts;
using LmmRec.Ingest.Sources;

namespace LmmRec.Ingest.Tests;

public sealed class BoundedLinesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\r\n\nb", "a||b")]
    public async Task Lines_come_without_their_ends(string text, string expected) => Assert.Equal(expected, string.Join('|', await ReadAsync(text, 10, 100)));

    [Fact]
    public async Task Lines_longer_than_the_buffer_come_whole()
    {
        var lines = new[] { new string('x', 40_000), "y", new string('z', 16_384) };
        Assert.Equal(lines, await ReadAsync(string.Join('\n', lines), 40_000, 100_000));
    }

    [Fact]
    public async Task A_line_or_a_text_longer_than_allowed_is_refused()
    {
        var line = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync("1\n12345678901\n", 10, 100));
        Assert.Equal("http://shop.test/a: line 2 is longer than 10 characters, the most allowed; is it the right file?", line.Message);
        var text = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(new string('\n', 101), 10, 100));
        Assert.Equal("http://shop.test/a: holds more than 100 characters when unzipped, the most allowed; is it the right file?", text.Message);
    }

    private static async Task<List<string>> ReadAsync(string text, int maxLine, long maxTotal)
    {
        var lines = new BoundedLines(new StringReader(text), new Uri("http://shop.test/a"), maxLine, maxTotal);
        var read = new List<string>();
        while (await lines.ReadAsync(TestContext.Current.CancellationToken) is { } line) read.Add(line);
        return read;
    }
}
