using LmmRec.Artifacts;
using LmmRec.Encoders.Training;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.Tuning;

public sealed class PairFeedTests
{
    [Fact]
    public async Task A_picture_that_can_no_longer_be_read_is_named_and_not_taken_for_a_fault_of_the_program()
    {
        using var catalogue = new CatalogueFolder();
        await catalogue.WriteAsync([.. Enumerable.Range(0, 6).Select(i => ($"thing {i}", (byte[]?)Pictures.Png(Pictures.Draw(40, 40, i)), (string?)null))]);
        using var pairs = await catalogue.ReadAsync();
        Spoil(Path.Combine(catalogue.Unfinished, "pictures.bin"));
        var feed = new PairFeed(TrainableEncoder.Open(TuneShop.Card), pairs, seed: 1, threads: 2);
        var error = Assert.Throws<InvalidInputException>(() => feed.Of([4, 2, 5]));
        Assert.Contains("the picture of item 4 cannot be decoded", error.Message, StringComparison.Ordinal);
    }

    private static void Spoil(string path) => File.WriteAllBytes(path, new byte[new FileInfo(path).Length]);
}
