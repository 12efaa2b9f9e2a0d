using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Ingest.Tests;

public sealed class LatticeFolderTests : IDisposable
{
    private readonly TemporaryFolder _data = new(), _workspace = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Artifact => _workspace.In("ingest");

    public void Dispose()
    {
        _data.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task A_folder_becomes_tables_with_the_ids_of_its_maps_and_its_split()
    {
        Directory.CreateDirectory(_data.In("5-core"));
        WriteSplit("5-core/");
        _data.File("5-core/user2id.json", """{ "A1": 1, "A0": 0 }""");
        _data.File("5-core/item2id.json", """{ "B2": 2, "B0": 0, "B1": 1, "B3": 3 }""");
        await IngestAsync(SplitKind.Given);

        var rows = await TableFile.ReadAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(Artifact), Cancellation);
        Assert.Equal(
            ["A0 B2 train", "A0 B0 train", "A1 B1 train", "A0 B1 validation", "A1 B2 validation", "A0 B3 test", "A1 B0 test"],
            rows.Select(r => $"{r.UserId} {r.ItemId} {r.Split}"));
        Assert.All(rows, r => Assert.Equal((null, null), (r.Rating, r.Time)));
    }

    [Fact]
    public async Task Without_maps_the_indices_are_the_ids()
    {
        WriteSplit("");
        await IngestAsync(SplitKind.Given);
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(Artifact), Cancellation);
        Assert.Equal(["0", "1", "2", "3"], items.Select(i => i.ItemId));
    }

    [Theory]
    [InlineData("""{ "0": [3, 2.5] }""", "user 0 has item 2.5; allowed for users and items is a whole number from 0")]
    [InlineData("""{ "01": [3] }""", "a user is '01'; allowed")]
    [InlineData("""{ "0": [3, -1] }""", "user 0 has item -1; allowed")]
    [InlineData("""{ "A": [1] }""", "a user is 'A'; allowed")]
    [InlineData("""{ "0": 1 }""", "user 0 has no list of items")]
    [InlineData("""{ "0": [3, 0] }""", "user 0 has item 0, as in train.json already; allowed is one row per user and item")]
    [InlineData("[[0, 1]]", "is no JSON object")]
    [InlineData("""{ "0": [1""", "is no JSON: ")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "is a Git LFS pointer, not the file")]
    public async Task A_fault_is_told_with_its_file(string test, string expected)
    {
        WriteSplit("");
        var path = _data.File("test.json", test);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => IngestAsync(SplitKind.Given));
        Assert.StartsWith($"{path}: {expected}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "B0": 0, "B1": 1, "B2": 2 }""", "has 3 ids, but the item 3 occurs in train.json, val.json or test.json")]
    [InlineData("""{ "B0": 0, "B1": 1, "B2": 2, "B4": 4 }""", "'B4' has 4; allowed are the indices 0 to 3, each once")]
    [InlineData("""{ "B0": 0, "B1": 1, "B2": 2, "B3": 0 }""", "'B3' has 0; allowed are the indices 0 to 3, each once")]
    public async Task A_map_that_is_not_the_splits_is_refused(string map, string expected)
    {
        WriteSplit("");
        var path = _data.File("item2id.json", map);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => IngestAsync(SplitKind.Given));
        Assert.StartsWith($"{path}: {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_split_that_is_missing_is_named()
    {
        WriteSplit("");
        File.Delete(_data.In("val.json"));
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => IngestAsync(SplitKind.Given));
        Assert.StartsWith($"{_data.In("val.json")}: there is no such file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_pairs_of_Amazon_Baby_split_by_the_random_rule_give_the_known_parts()
    {
        await IngestAsync(SplitKind.Random, Beside.Data("amazon_baby_lattice"));
        var facts = Stage.Manifest(Artifact).Facts;
        Assert.Equal((19_445, 7_050), ((int)facts["users"]!, (int)facts["items"]!));
        Assert.True(JsonNode.DeepEquals(new JsonObject { ["train"] = 118_551, ["validation"] = 20_559, ["test"] = 21_682 }, facts["interactions"]), facts["interactions"]!.ToJsonString());
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(Artifact), Cancellation);
        Assert.Equal("097293751X", items[0].ItemId);
    }

    private void WriteSplit(string folder)
    {
        _data.File($"{folder}train.json", """{ "0": [2, 0], "1": [1] }""");
        _data.File($"{folder}val.json", """{ "0": [1], "1": [2] }""");
        _data.File($"{folder}test.json", """{ "0": [3], "1": [0] }""");
    }

    private Task<StepOutcome> IngestAsync(SplitKind split, string? data = null) => Stage.RunAsync(
        new DatasetOptions { Source = DatasetSource.Lattice, Name = "baby" }, new IngestOptions { Split = new SplitOptions { Kind = split } }, data ?? _data.Path, Artifact, [], new Quiet());
}
