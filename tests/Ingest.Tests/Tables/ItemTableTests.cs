using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Pictures;
using LmmRec.Ingest.Tables;

namespace LmmRec.Ingest.Tests.Tables;

public sealed class ItemTableTests : IDisposable
{
    private static readonly ItemTableOptions Items = new()
    {
        Files = ["items.csv"],
        Columns = new ItemColumns { Id = "id", Title = "name", Categories = ["kind", "tags"], Image = ["photo", "photo2"] },
    };

    // Six users who each met the items 0 to 5.
    private static readonly string Orders = "customer,sku,stars,at\n" + string.Concat(Enumerable.Range(0, 36).Select(i => $"u{i / 6},{i % 6},5,{i}\n"));

    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Of_rows_with_one_id_the_first_counts_and_the_others_are_counted()
    {
        var items = await _shop.Write("items.csv", "id,name,kind,tags,photo,photo2\n1,first,,,,\n2,other,,,,\n1,second,,,,\n").ItemsAsync(Items, "1", "2");
        Assert.Equal("first", items["1"].Title);
        Assert.Equal(1, (long)_shop.Log.Dropped["duplicateItems"]!);
    }

    [Theory]
    [InlineData("a|b", "a", "b")]
    [InlineData("\"[\"\"a\"\", \"\"b\"\"]\"", "a", "b")]
    [InlineData("\"['a', 'b']\"", "a", "b")]
    [InlineData("\"[[\"\"a\"\", \"\"b\"\"], [\"\"c\"\"]]\"", "a", "b")]
    [InlineData(" a | | b ", "a", "b")]
    [InlineData("[half", "[half")]
    [InlineData("")]
    public async Task A_list_in_a_cell_is_parted_by_its_brackets_or_by_the_separator(string cell, params string[] expected)
    {
        var items = await _shop.Write("items.csv", $"id,name,kind,tags,photo,photo2\n1,x,Top,{cell},,\n").ItemsAsync(Items with { ListSeparator = "|" }, "1");
        Assert.Equal(["Top", .. expected], items["1"].Categories);
    }

    [Fact]
    public async Task Pictures_are_addresses_or_paths_within_the_data_folder_and_nothing_else()
    {
        _shop.Write("items.csv", "id,name,kind,tags,photo,photo2\n1,,,,https://a/1.jpg,pics/1.jpg\n2,,,,../secret.jpg,/etc/passwd\n3,,,,file:///etc/passwd,a\\b.jpg\n4,,,,x\0.jpg,.\n");
        var items = await _shop.ItemsAsync(Items, "1", "2", "3", "4");
        Assert.Equal([PicturePlace.OnWeb("https://a/1.jpg"), PicturePlace.InFile(Path.Combine(_shop.Folder, "pics", "1.jpg"))], items["1"].Pictures);
        Assert.Equal(PicturePlace.InFile(Path.Combine(_shop.Folder, "a", "b.jpg")), items["3"].Pictures[1]);
        Assert.Equal(
            [
                ("../secret.jpg", "leads out of the data folder, the one that --data names"),
                ("/etc/passwd", "leads out of the data folder, the one that --data names"),
                ("file:///etc/passwd", "is no http(s) address"),
                ("x\0.jpg", "is no path: it holds a NUL"),
                (".", "leads out of the data folder, the one that --data names"),
            ], new[] { "2", "3", "4" }.SelectMany(id => items[id].Pictures).Where(p => p.Fault is not null).Select(p => (p.Shown, p.Fault!)));
    }

    [Fact]
    public async Task An_address_that_cannot_be_used_is_told_once_and_only_of_an_item_that_has_no_other()
    {
        _shop.Write("items.csv", "id,name,kind,tags,photo,photo2\n0,,,,ftp://me:SECRET@a/1.jpg,pics/0.png\n1,,,,http://me:SEC/RET@a/1.jpg,\n2,,,,,\n3,,,,,\n4,,,,,\n5,,,,,\n");
        _shop.Write("pics/0.png", NetVips.Image.Black(12, 20, 3).PngsaveBuffer()).Write("orders.csv", Orders);
        var dataset = new DatasetOptions { Source = DatasetSource.Table, Interactions = Shop.Orders, Items = Items };
        using var workspace = new TemporaryFolder();
        var outcome = await Stage.TableAsync(dataset, _shop.Folder, workspace.In("ingest"));
        Assert.StartsWith("1 of 2 pictures failed", outcome.TooManyFailed, StringComparison.Ordinal);
        var pictures = await TableFile.ReadAsync<PictureRow>(TableFile.PathOf<PictureRow>(workspace.In("ingest")), TestContext.Current.CancellationToken);
        Assert.Equal([("0.png", "ok", null), ("http://a/1.jpg", "failed", "is no http(s) address"), (null, "none", "the item has no address of one")], pictures.Take(3).Select(p => (p.Url, p.Status, p.Reason)));
        var failure = Assert.Single(await TableFile.ReadAsync<FailureRow>(TableFile.PathOf<FailureRow>(workspace.In("ingest")), TestContext.Current.CancellationToken));
        Assert.Equal(new FailureRow("picture", "1", "http://a/1.jpg", "is no http(s) address"), failure);
    }

    [Theory]
    [InlineData("pics/{id}.jpg", "a", "a.jpg")]
    [InlineData("pics/{id}.jpg", "../x")]
    [InlineData("pics/{id}.*", "a", "a.jpg", "a.png")]
    [InlineData("pics/p_{id}_1.jpg", "a", "p_a_1.jpg")]
    [InlineData("pics/{id}.jpg", "p_a_1", "p_a_1.jpg")]
    [InlineData("pics/{id}.jpg", "")]
    public void Pictures_of_a_folder_are_matched_to_ids_by_their_names(string pattern, string id, params string[] expected)
    {
        foreach (var name in new[] { "a.jpg", "a.png", "p_a_1.jpg", ".jpg" }) _shop.Write($"pics/{name}", [1]);
        _shop.Write("x.jpg", [1]);
        Assert.Equal(expected, new PictureFolder(_shop.Folder, pattern).Of(id).Select(Path.GetFileName));
    }

    [Fact]
    public void Another_picture_in_the_folder_is_another_listing()
    {
        var before = new PictureFolder(_shop.Write("pics/1.jpg", [1]).Folder, "pics/{id}.jpg").Listing;
        Assert.NotEqual(before, new PictureFolder(_shop.Write("pics/1.jpg", [1, 2]).Folder, "pics/{id}.jpg").Listing);
        Assert.NotEqual(before, new PictureFolder(_shop.Write("pics/1.jpg", [1]).Write("pics/2.jpg", [1]).Folder, "pics/{id}.jpg").Listing);
        Assert.Equal(before, new PictureFolder(_shop.Write("other/1.jpg", [3]).Folder, "other/{id}.jpg").Listing);
    }

    [Theory]
    [InlineData("""{ "source": "table" }""", "interactions: is required for source 'table'")]
    [InlineData("""{ "interactions": { "columns": { "user": "u" } } }""", "interactions.columns.item: is required")]
    [InlineData("""{ "interactions": { "columns": { "user": "u", "item": "i" } } }""", "interactions.files: is required")]
    [InlineData("""{ "interactions": { "files": "a.csv", "separator": "ab", "columns": { "user": "u", "item": "i" } } }""", "interactions.separator: \"ab\" must be one character")]
    [InlineData("""{ "interactions": { "files": "a.csv", "event": "buy", "columns": { "user": "u", "item": "i" } } }""", "interactions.event: needs columns.event")]
    [InlineData("""{ "interactions": { "files": "a.csv", "minRating": 4, "columns": { "user": "u", "item": "i" } } }""", "interactions.minRating: needs columns.rating")]
    [InlineData("""{ "items": { "files": "a.csv", "images": "{id}/1.jpg", "columns": { "id": "i" } } }""", "items.images: \"{id}/1.jpg\" must hold {id} once, in the file's name")]
    [InlineData("""{ "items": { "files": "a.csv", "images": "../{id}.jpg", "columns": { "id": "i" } } }""", "items.images: \"../{id}.jpg\" must lie in the data folder")]
    [InlineData("""{ "items": { "files": "a.csv", "columns": { "id": "i", "titel": "t" } } }""", "items.columns.titel: unknown key; did you mean 'title'?")]
    public void Faults_of_a_table_are_told_by_key(string json, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationBinder.Bind<DatasetOptions>(ConfigurationFile.Parse(json, "test")));
        Assert.Contains(error.Faults, fault => fault.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_single_value_stands_for_a_list_of_one()
    {
        var options = ConfigurationBinder.Bind<DatasetOptions>(ConfigurationFile.Parse(
            """{ "source": "table", "interactions": { "files": "a.csv", "event": ["buy", "rent"], "columns": { "user": "u", "item": "i", "event": "e" } } }""", "test")).Interactions!;
        Assert.Equal(["a.csv"], options.Files);
        Assert.Equal(["buy", "rent"], options.Event);
    }

    [Fact]
    public async Task The_stage_makes_tables_and_pictures_of_a_shop_and_skips_them_while_nothing_changes()
    {
        _shop.Write("items.csv", "id,name,kind,tags,photo,photo2\n" + string.Concat(Enumerable.Range(0, 6).Select(i => $"{i},thing {i},k,,,\n")));
        _shop.Write("pics/0.png", []);
        _shop.Write("orders.csv", Orders);
        var dataset = new DatasetOptions { Source = DatasetSource.Table, Interactions = Shop.Orders, Items = Items with { Images = "pics/{id}.png" } };
        using var workspace = new TemporaryFolder();
        Assert.True((await Stage.TableAsync(dataset, _shop.Folder, workspace.In("ingest"))).Ran);
        Assert.False((await Stage.TableAsync(dataset, _shop.Folder, workspace.In("ingest"))).Ran);
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(workspace.In("ingest")), TestContext.Current.CancellationToken);
        Assert.Equal(["thing 0 k", "thing 1 k"], items.Take(2).Select(i => string.Join(' ', i.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))));

        _shop.Write("pics/1.png", [1, 2, 3]);
        Assert.True((await Stage.TableAsync(dataset, _shop.Folder, workspace.In("ingest"))).Ran);
    }
}
