using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Featurize.Tests;

public sealed class PartsTests
{
    private static readonly EncoderOptions Clip = new() { Name = "clip-small", Card = "onnx-models/clip-small" };

    private static readonly int[] All = [.. Enumerable.Range(0, 250)];

    [Fact]
    public async Task Parts_that_are_put_together_give_the_bytes_of_a_single_run()
    {
        using var whole = new Shop();
        await whole.IngestAsync(All);
        await whole.RunAsync(Clip);

        using var parts = new Shop();
        await parts.IngestAsync(All);
        var artifact = parts.ArtifactOf(Clip);
        await parts.RunAsync(artifact.PartStep!(new Part(2, 2)));
        await parts.RunAsync(artifact.PartStep!(new Part(1, 2)));
        await parts.RunAsync(artifact.Merge);
        Assert.Equal(whole.BytesOf(Clip.Name), parts.BytesOf(Clip.Name));
        Assert.Equal(0, parts.WorkOf(Clip.Name).Encoded);
        Assert.Equal([Path.Combine(parts.Features, Clip.Name)], Directory.EnumerateDirectories(parts.Features)); // the parts are gone
    }

    [Fact]
    public async Task A_merge_that_lacks_a_part_fails_and_says_which_are_there_and_a_run_without_it_encodes_what_is_left()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        var artifact = shop.ArtifactOf(Clip);
        await shop.RunAsync(artifact.PartStep!(new Part(1, 3)));
        await shop.RunAsync(artifact.PartStep!(new Part(3, 3)));
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => shop.RunAsync(artifact.Merge));
        Assert.Equal("clip-small: 200 vectors are missing; parts found: 1-of-3, 3-of-3; make the others by 'lmmrec featurize --shard 2/3' on this ingest, "
            + "or leave --merge out to encode here what is left", error.Message);
        Assert.False(Directory.Exists(Path.Combine(shop.Features, Clip.Name)));

        await shop.RunAsync(artifact.Step);
        Assert.Equal(200, shop.WorkOf(Clip.Name).Encoded);
    }

    [Fact]
    public async Task A_finished_part_is_not_made_again_and_one_of_other_items_gives_what_still_fits()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        var part = shop.ArtifactOf(Clip).PartStep!(new Part(1, 1));
        Assert.True((await shop.RunAsync(part)).Ran);
        Assert.False((await shop.RunAsync(part)).Ran);
        shop.Changed.Add(17);
        await shop.IngestAsync(All);
        await shop.RunAsync(Clip);
        Assert.Equal(2, shop.WorkOf(Clip.Name).Encoded);
    }

    [Fact]
    public async Task A_part_that_is_made_when_the_whole_is_there_goes_when_the_whole_is_asked_for_again()
    {
        using var shop = new Shop();
        await shop.IngestAsync(0, 1);
        var artifact = shop.ArtifactOf(Clip);
        await shop.RunAsync(artifact.Step);
        await shop.RunAsync(artifact.PartStep!(new Part(1, 1)));
        Assert.False((await shop.RunAsync(artifact.Merge)).Ran);
        Assert.Equal([Path.Combine(shop.Features, Clip.Name)], Directory.EnumerateDirectories(shop.Features));
    }

    [Fact]
    public async Task A_step_leaves_alone_what_another_process_may_be_doing_with_its_inputs()
    {
        using var shop = new Shop();
        await shop.IngestAsync(0, 1);
        var left = Directory.CreateDirectory(shop.Ingest + ArtifactWriter.Writing).FullName;
        await shop.RunAsync(shop.ArtifactOf(Clip).PartStep!(new Part(1, 1)));
        await shop.RunAsync(Clip);
        Assert.True(Directory.Exists(left));
    }

    [Theory]
    [InlineData("0/4")]
    [InlineData("5/4")]
    [InlineData("1/1001")]
    [InlineData("-1/4")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("")]
    public void What_is_no_part_is_refused(string text) => Assert.False(Part.TryParse(text, out _));

    [Fact]
    public void Each_item_is_in_one_part() =>
        Assert.All(Enumerable.Range(0, 2000), item => Assert.Equal(1, Enumerable.Range(1, 7).Count(number => new Part(number, 7).Contains(item))));
}
