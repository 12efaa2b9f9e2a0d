using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Train.Tests.Tuning;

public sealed class TuningPairsTests : IDisposable
{
    private readonly CatalogueFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Items_with_picture_and_text_are_pairs_and_all_others_are_counted()
    {
        byte[][] pictures = [.. Enumerable.Range(0, 4).Select(Picture)];
        await _shop.WriteAsync([
            ("red shoe", pictures[0], "Shoes"), ("", pictures[1], "Shoes"), ("blue shoe", null, "Shoes"), ("", null, null),
            ("hat", "no picture"u8.ToArray(), "Hats"), ("cap", pictures[0], "Hats"), ("red shoe", pictures[2], null), ("coat – warm 🧥", pictures[3][..^40], "Coats"), ("é ü 帽", pictures[3], "Coats")]);
        using var pairs = await _shop.ReadAsync();
        Assert.Equal([0, 5, 6, 8], pairs.All.Select(p => p.Item));
        Assert.Equal("""{"pairs":4,"withoutPicture":2,"withoutText":1,"undecodable":2}""", pairs.Counts.ToJsonString());
        Assert.Equal(["red shoe", "cap", "red shoe", "é ü 帽"], Enumerable.Range(0, 4).Select(pairs.Text));
        Assert.Equal([pictures[0], pictures[0], pictures[2], pictures[3]], Enumerable.Range(0, 4).Select(pairs.Picture));
        Assert.Equal(["Shoes", "Hats", null, "Coats"], pairs.All.Select(p => p.Category < 0 ? null : pairs.Categories[p.Category]));
        Assert.Equal(pairs.All[0].Picture, pairs.All[1].Picture);
        Assert.Equal(pairs.All[0].Text, pairs.All[2].Text);
        Assert.Equal(3, pairs.All.Select(p => p.Picture).Distinct().Count());
    }

    [Fact]
    public async Task A_picture_that_cannot_be_decoded_is_known_before_the_first_step_also_after_a_killed_run()
    {
        await _shop.WriteAsync([("a", Picture(1), null), ("b", [1, 2, 3], null), ("c", Picture(2), null)]);
        for (var run = 0; run < 2; run++)
        {
            using var pairs = await _shop.ReadAsync();
            Assert.Equal([0, 2], pairs.All.Select(p => p.Item));
            Assert.Equal(1, (int)pairs.Counts["undecodable"]!);
        }
    }

    [Fact]
    public async Task What_a_killed_run_kept_is_used_again_and_not_read_from_the_catalogue()
    {
        await _shop.WriteAsync([.. Items(8)]);
        using (await _shop.ReadAsync()) { }
        var size = new FileInfo(Path.Combine(_shop.Unfinished, "pictures.bin")).Length;
        foreach (var file in TableFile.Shards(_shop.Ingest, "images")) File.Delete(file); // nobody asks for them
        using var pairs = await _shop.ReadAsync();
        Assert.Equal(Enumerable.Range(0, 8).Select(Picture), Enumerable.Range(0, 8).Select(pairs.Picture));
        Assert.Equal(size, new FileInfo(Path.Combine(_shop.Unfinished, "pictures.bin")).Length);
    }

    [Theory]
    [InlineData("pictures.bin", 0.5)]
    [InlineData("pictures.jsonl", 0.4)]
    [InlineData("texts.bin", 0.5)]
    [InlineData("texts.jsonl", 0.4)]
    public async Task What_a_killed_run_wrote_in_part_is_written_again(string file, double kept)
    {
        await _shop.WriteAsync([.. Items(8)]);
        using (await _shop.ReadAsync()) { }
        var path = Path.Combine(_shop.Unfinished, file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..(int)(kept * new FileInfo(path).Length)]);
        await AssertWhole();
    }

    [Theory]
    [InlineData("pictures.bin")]
    [InlineData("texts.bin")]
    public async Task What_the_disk_lost_of_a_killed_run_is_written_again(string file)
    {
        await _shop.WriteAsync([.. Items(8)]);
        using (await _shop.ReadAsync()) { }
        var path = Path.Combine(_shop.Unfinished, file);
        var bytes = File.ReadAllBytes(path);
        Array.Clear(bytes, bytes.Length / 2, bytes.Length / 4);
        File.WriteAllBytes(path, bytes);
        await AssertWhole();
    }

    [Fact]
    public async Task Threads_read_pictures_and_texts_at_random()
    {
        await _shop.WriteAsync([.. Items(20)]);
        using var pairs = await _shop.ReadAsync();
        var expected = Enumerable.Range(0, 20).Select(Picture).ToArray();
        Parallel.For(0, 400, n =>
        {
            var i = n * 7 % 20;
            Assert.Equal(expected[i], pairs.Picture(i));
            Assert.Equal($"text {i}", pairs.Text(i));
        });
    }

    [Fact]
    public async Task A_damaged_picture_of_the_catalogue_is_an_error_that_names_its_item()
    {
        var damaged = Picture(3);
        await _shop.WriteAsync([.. Items(8)], file => file.AsSpan().SequenceEqual(damaged) ? [.. file, 0] : file);
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync());
        Assert.Contains("the picture of item 'i3', is damaged", e.Message);
    }

    [Fact]
    public async Task Fewer_than_two_pairs_are_an_error_that_says_what_the_others_lack()
    {
        await _shop.WriteAsync([("a", Picture(1), null), ("b", null, null), ("", Picture(2), null), ("c", [1, 2, 3], null)]);
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync());
        Assert.EndsWith("1 items have a picture and a text; tuning needs 2 or more. 1 have no picture, 1 have one but no text, and the pictures of 1 cannot be decoded", e.Message);
    }

    private async Task AssertWhole()
    {
        using var pairs = await _shop.ReadAsync();
        Assert.Equal(Enumerable.Range(0, 8).Select(Picture), Enumerable.Range(0, 8).Select(pairs.Picture));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"text {i}"), Enumerable.Range(0, 8).Select(pairs.Text));
    }

    private static IEnumerable<(string, byte[]?, string?)> Items(int count) => Enumerable.Range(0, count).Select(i => ($"text {i}", (byte[]?)Picture(i), (string?)"all"));

    private static byte[] Picture(int seed) => Pictures.Jpeg(Pictures.Draw(24, 16, seed));
}
