using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Ingest.Tests;

public sealed class MMRecFolderTests : IDisposable
{
    private const string Header = "userID\titemID\tx_label\n";

    private readonly TemporaryFolder _data = new(), _workspace = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Artifact => _workspace.In("ingest");

    public void Dispose()
    {
        _data.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task A_folder_becomes_tables_with_its_own_ids_and_split()
    {
        _data.File("toy.inter", "x_label\titemID\tuserID\trating\ttimestamp\n0\t2\t0\t4.5\t1400000000\n1\t0\t0\t3.0\t1400000001.5\n2\t1\t1\t5\t0\n0\t0\t1\t1\t7\n");
        await Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given);

        var rows = await TableFile.ReadAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(Artifact), Cancellation);
        Assert.Equal(new InteractionRow(0, "0", 2, "2", 4.5, new DateTime(2014, 5, 13, 16, 53, 20, DateTimeKind.Utc), Splits.Train), rows[0]);
        Assert.Equal([Splits.Train, Splits.Validation, Splits.Test, Splits.Train], rows.Select(r => r.Split));
        Assert.Equal(["0", "1"], (await TableFile.ReadAsync<UserRow>(TableFile.PathOf<UserRow>(Artifact), Cancellation)).Select(u => u.UserId));
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(Artifact), Cancellation);
        Assert.Equal(["0", "1", "2"], items.Select(i => i.ItemId));
        Assert.All(items, i => Assert.Equal("", i.Text));
        Assert.Empty(await TableFile.ReadAsync<ImageRow>(Path.Combine(Artifact, TableFile.ShardName("images", 0)), Cancellation));
    }

    [Theory]
    [InlineData("userID\titemID\n0\t0\n", "line 1: the column 'x_label' is missing; found: userID, itemID")]
    [InlineData("userID,itemID,x_label\n0,0,0\n", "line 1: the column 'userID' is missing; found: userID,itemID,x_label")]
    [InlineData(Header + "0\t0\t0\nu7\t1\t0\n", "line 3: userID is 'u7'; allowed is a whole number from 0 of at most nine digits")]
    [InlineData(Header + "0\t-1\t0\n", "line 2: itemID is '-1'; allowed is a whole number from 0 of at most nine digits")]
    [InlineData(Header + "0\t1234567890\t0\n", "line 2: itemID is '1234567890'; allowed is a whole number from 0 of at most nine digits")]
    [InlineData(Header + "0\t7\t0\n0\t07\t0\n", "line 3: itemID is '07'; allowed is a whole number from 0 of at most nine digits, without sign, point or leading zero")]
    [InlineData(Header + "0\t0\t0\n00\t1\t0\n", "line 3: userID is '00'")]
    [InlineData(Header + "0\t+1\t0\n", "line 2: itemID is '+1'")]
    [InlineData(Header + "0\t1.0\t0\n", "line 2: itemID is '1.0'")]
    [InlineData(Header + "0\t 1\t0\n", "line 2: itemID is ' 1'")]
    [InlineData(Header + "0\t\t0\n", "line 2: itemID is ''")]
    [InlineData(Header + "0\t\u0661\t0\n", "line 2: itemID is '\u0661'")]
    [InlineData(Header + "0\t1\t3\n", "line 2: x_label is '3'; allowed is 0 (train), 1 (validation) or 2 (test)")]
    [InlineData(Header + "0\t1\n", "line 2: has 2 fields where the header names 3")]
    [InlineData(Header + "0\t1\t0\n0\t2\t0\t5\n", "line 3: has 4 fields where the header names 3")]
    [InlineData("userID\titemID\tx_label\titemID\n0\t1\t0\t2\n", "line 1: 2 columns are called 'itemID'")]
    [InlineData(Header + "0\t1\t0\n0\t2\t0\n\n0\t1\t2\n", "line 5: user 0 and item 1 were already in line 2")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "is a Git LFS pointer, not the file: run git lfs pull")]
    [InlineData("<!DOCTYPE html><html><body>Log in</body></html>\n", "is a web page, not the file")]
    [InlineData(Header + "0\t123456789\t0\n", "the largest itemID is 123456789, with 1 rows in all")]
    [InlineData(Header, "has no rows after its header")]
    [InlineData("", "is empty")]
    public async Task A_broken_table_stops_with_file_line_and_what_is_allowed_and_leaves_no_artifact(string content, string expected)
    {
        var path = _data.File("toy.inter", content);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_workspace.Path));
    }

    [Fact]
    public async Task A_missing_folder_and_a_missing_file_are_named()
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Stage.FolderAsync(_data.In("nowhere"), "toy", Artifact, Stage.Given));
        Assert.Contains("nowhere: there is no such folder", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<InvalidInputException>(() => Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given));
        Assert.Contains("toy.inter: there is no such file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feature_file_of_another_number_of_rows_or_with_a_NaN_stops_the_run_and_leaves_no_artifact()
    {
        _data.File("toy.inter", Header + "0\t0\t0\n0\t1\t1\n0\t2\t2\n");
        Npy("image_feat.npy", rows: 2, 1, 2, 3, 4);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given, "image_feat"));
        Assert.Contains("image_feat.npy: has 2 rows, but the data have 3 items", error.Message, StringComparison.Ordinal);

        Npy("image_feat.npy", rows: 3, 1, 2, 3, float.NaN, 5, 6);
        error = await Assert.ThrowsAsync<InvalidInputException>(() => Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given, "image_feat"));
        Assert.Contains("row 1, value 1 (0-based) is NaN", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_workspace.Path));

        Npy("image_feat.npy", rows: 3, 1, 2, 3, 4, 5, 6);
        await Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given, "image_feat");
        var matrix = await TableFile.ReadAsync<MatrixRow>(Path.Combine(Artifact, "matrix-image_feat.parquet"), Cancellation);
        Assert.Equal([[1f, 2], [3, 4], [5, 6]], matrix.Select(r => r.Vector));
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "image_feat.npy: is a Git LFS pointer, not the file: run git lfs pull")]
    [InlineData("<html><body>Log in</body></html>", "image_feat.npy: is a web page, not the file")]
    [InlineData("", "image_feat.npy: is a broken .npy file")]
    [InlineData(null, "image_feat.npy: there is no such file; the encoder 'image_feat' has no card, so it is a feature matrix: encoders[].file, by default image_feat.npy; found: visual_vgg16.npy")]
    public async Task What_lies_in_place_of_a_matrix_is_told_by_name(string? content, string expected)
    {
        _data.File("toy.inter", Header + "0\t0\t0\n0\t1\t1\n");
        _data.File("visual_vgg16.npy", "");
        if (content is not null) _data.File("image_feat.npy", content);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given, "image_feat"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_matrices_that_are_wanted_are_opened_whatever_their_files_are_called()
    {
        _data.File("toy.inter", Header + "0\t0\t0\n0\t1\t1\n0\t2\t2\n");
        _data.File("user_feat.npy", "no matrix at all");
        Npy("image_feat.npy", rows: 2, 1, 2);
        Npy("visual_vgg16.npy", rows: 3, 1, 2, 3);
        await Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given, "visual_vgg16");
        Assert.Equal("matrix-visual_vgg16.parquet", Assert.Single(Stage.Manifest(Artifact).Files.Keys, f => f.StartsWith("matrix-", StringComparison.Ordinal)));
        Assert.Equal(["toy.inter", "visual_vgg16.npy"], Stage.Manifest(Artifact).Recipe.Inputs.Keys);
    }

    [Fact]
    public async Task Times_and_ratings_that_cannot_be_read_are_absent_and_counted_and_empty_ones_are_absent_alone()
    {
        _data.File("toy.inter", "userID\titemID\trating\ttimestamp\tx_label\n0\t0\t\t1400000000417\t0\n0\t1\tNaN\t2014-05-01 10:00:00\t0\n0\t2\t5\tyesterday\t1\n0\t3\tgood\t\t2\n0\t4\tgood\tnever\t0\n");
        var notes = await Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given);

        var rows = await TableFile.ReadAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(Artifact), Cancellation);
        Assert.Equal([null, null, 5, null, null], rows.Select(r => r.Rating));
        Assert.Equal([DateTime.UnixEpoch.AddMilliseconds(1400000000417), new DateTime(2014, 5, 1, 10, 0, 0, DateTimeKind.Utc), null, null, null], rows.Select(r => r.Time));
        Assert.Equal("""{"rating":{"count":3,"first":"toy.inter, line 3: \u0027NaN\u0027"},"timestamp":{"count":2,"first":"toy.inter, line 4: \u0027yesterday\u0027"}}""",
            Stage.Manifest(Artifact).Facts["absent"]!.ToJsonString());
        Assert.Contains("timestamp: 2 values could not be read and are absent, the first: toy.inter, line 4: 'yesterday'", notes);
    }

    [Theory]
    [InlineData("userID\titemID\n0\t0\n0\t1\n0\t2\n", false)]
    [InlineData("userID\titemID\tx_label\n0\t0\ttrain\n0\t1\ttrain\n0\t2\ttest\n", false)]
    [InlineData(Header + "0\t0\t0\n0\t1\t0\n0\t2\t0\n", true)]
    public async Task A_random_split_needs_no_split_of_the_data_and_says_where_one_is_not_used(string content, bool brings)
    {
        _data.File("toy.inter", content);
        var notes = await Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Drawn);
        Assert.Equal((1, 1, 1), Sizes(Stage.Manifest(Artifact).Facts));
        Assert.Equal(brings, notes.Contains("warning: the split that the data bring is not used, since ingest.split.kind is not \"given\""));
    }

    [Fact]
    public async Task A_folder_without_pictures_keeps_its_items_where_those_without_one_are_to_go()
    {
        _data.File("toy.inter", Header + "0\t0\t0\n0\t1\t1\n0\t2\t2\n");
        var notes = await Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given with { DropMissingImages = true });
        Assert.Equal(3, (int)Stage.Manifest(Artifact).Facts["items"]!);
        Assert.Contains("kept: 1 users, 3 items, 3 interactions", notes);
    }

    [Fact]
    public async Task Ids_that_begin_at_one_are_noted_and_a_matrix_with_a_row_less_says_so()
    {
        _data.File("toy.inter", Header + "1\t1\t0\n1\t2\t1\n1\t3\t2\n");
        var notes = await Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given);
        Assert.Contains("ids that never occur, as 0 does where they begin at 1: 1 of users, 1 of items; they are neither users nor candidates", notes);
        Npy("image_feat.npy", rows: 3, 1, 2, 3);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given, "image_feat"));
        Assert.EndsWith("do the ids begin at 1? They must begin at 0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01-leading-zeros/articles")]
    [InlineData("01-leading-zeros/collide")]
    [InlineData("01-leading-zeros/padded")]
    [InlineData("01-leading-zeros/silent")]
    public async Task Ids_with_leading_zeros_are_refused_in_the_cases_beside(string folder)
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Stage.FolderAsync(Beside.Case(folder), "shop", Artifact, Stage.Given));
        Assert.Contains("without sign, point or leading zero", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("06-milliseconds/in")]
    [InlineData("06-milliseconds/date")]
    [InlineData("06-milliseconds/empty-rating")]
    [InlineData("16-feature-files/user-matrix")]
    [InlineData("16-feature-files/user-graph")]
    [InlineData("33-core-and-order/core")]
    [InlineData("07-split-column/missing")]
    public async Task Cases_beside_that_were_refused_are_read(string folder)
    {
        var missing = folder == "07-split-column/missing";
        await Stage.FolderAsync(Beside.Case(folder), "shop", Artifact, missing ? Stage.Drawn : Stage.Given, "image_feat", "text_feat");
        Assert.Empty(Stage.Manifest(Artifact).Facts["absent"]!.AsObject());
        var rows = await TableFile.ReadAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(Artifact), Cancellation);
        Assert.Equal(192, rows.Count);
        Assert.All(rows, r => Assert.Equal(2014, r.Time!.Value.Year));
    }

    [Fact]
    public async Task Where_ids_begin_at_1_nobody_is_made_of_0_and_feature_rows_stay_with_their_ids()
    {
        _data.File("toy.inter", Header + "1\t1\t0\n1\t2\t1\n1\t4\t2\n2\t1\t0\n");
        Npy("image_feat.npy", rows: 5, 9, 10, 20, 9, 40);
        await Stage.FolderAsync(_data.Path, "toy", Artifact, Stage.Given, "image_feat");

        Assert.Equal(["1", "2"], (await TableFile.ReadAsync<UserRow>(TableFile.PathOf<UserRow>(Artifact), Cancellation)).Select(u => u.UserId));
        Assert.Equal([(0, "1"), (1, "2"), (2, "4")], (await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(Artifact), Cancellation)).Select(i => (i.Item, i.ItemId)));
        var rows = await TableFile.ReadAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(Artifact), Cancellation);
        Assert.Equal([(0, 0, "1"), (0, 1, "2"), (0, 2, "4"), (1, 0, "1")], rows.Select(r => (r.User, r.Item, r.ItemId)));
        var matrix = await TableFile.ReadAsync<MatrixRow>(Path.Combine(Artifact, "matrix-image_feat.parquet"), Cancellation);
        Assert.Equal([(0, "1", 10f), (1, "2", 20), (2, "4", 40)], matrix.Select(r => (r.Item, r.ItemId, r.Vector.Single())));
        var dropped = Stage.Manifest(Artifact).Facts["dropped"]!;
        Assert.Equal((1, 2), ((int)dropped["usersThatNeverOccur"]!, (int)dropped["itemsThatNeverOccur"]!));
    }

    [Fact]
    public async Task A_changed_feature_file_runs_the_step_again_and_an_unchanged_one_does_not()
    {
        _data.File("toy.inter", Header + "0\t0\t0\n0\t1\t1\n0\t2\t2\n");
        Npy("image_feat.npy", rows: 3, 1, 2, 3);
        async Task<bool> RanAsync(IngestOptions options) =>
            !(await Stage.FolderAsync(_data.Path, "toy", Artifact, options, "image_feat")).Contains("ingest: nothing changed, skipped");

        Assert.True(await RanAsync(Stage.Given));
        Assert.False(await RanAsync(Stage.Given));
        Npy("image_feat.npy", rows: 3, 1, 2, 4);
        Assert.True(await RanAsync(Stage.Given));
        Assert.True(await RanAsync(Stage.Drawn));
    }

    [Fact]
    public async Task TikTok_has_its_published_size_and_ten_users_without_training_rows_are_dropped_and_counted()
    {
        await Stage.FolderAsync(Beside.Data("tiktok_diffmm"), "tiktok", Artifact, Stage.Given, "image_feat", "audio_feat");
        var facts = Stage.Manifest(Artifact).Facts;

        Assert.Equal((9308, 6710), ((int)facts["users"]!, (int)facts["items"]!));
        Assert.Equal(10, (int)facts["dropped"]!["usersWithoutTrainingRows"]!);
        // Of 68,722 rows, 59,541 + 3,051 + 6,130, those users had one each.
        Assert.Equal(10, (int)facts["dropped"]!["interactionsOfUsersWithoutTrainingRows"]!);
        Assert.Equal((59_541, 3_046, 6_125), Sizes(facts));
        Assert.Equal((128, 128), ((int)facts["matrices"]!["image_feat"]!, (int)facts["matrices"]!["audio_feat"]!));

        var rows = await TableFile.ReadAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(Artifact), Cancellation);
        var trained = rows.Where(r => r.Split == Splits.Train).Select(r => r.User).ToHashSet();
        Assert.DoesNotContain(rows, r => !trained.Contains(r.User));
        Assert.Equal(6710, Stage.Manifest(Artifact).Files["matrix-audio_feat.parquet"].Rows);
    }

    [Fact]
    public async Task A_random_split_of_Amazon_Baby_has_the_sizes_of_MMRecs()
    {
        await Stage.FolderAsync(Beside.Data("amazon_baby_lattice"), "baby_lattice", Artifact, Stage.Drawn);
        Assert.Equal((118_551, 20_559, 21_682), Sizes(Stage.Manifest(Artifact).Facts));
    }

    private static (int Train, int Validation, int Test) Sizes(JsonObject facts) =>
        ((int)facts["interactions"]![Splits.Train]!, (int)facts["interactions"]![Splits.Validation]!, (int)facts["interactions"]![Splits.Test]!);

    private void Npy(string name, int rows, params float[] values) => _data.Npy(name, rows, values);
}
