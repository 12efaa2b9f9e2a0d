using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Ingest.Tables.Guessing;

namespace LmmRec.Ingest.Tests.Tables;

public sealed class GuessTests : IDisposable
{
    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Columns_are_known_by_what_they_hold_where_their_names_say_nothing()
    {
        _shop.Write("a.csv", "c1,c2,c3,c4\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"row {i} of it,K-{i:D3},https://shop/{i}.jpg,{i % 3}\n")));
        _shop.Write("b.csv", "x,y,z\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{2024 - i % 3}-01-15,v{i % 40},K-{i % 50:D3}\n")));
        var guess = await GuessAsync(items: "a.csv", interactions: "b.csv");
        Assert.Equal("id=c2 title=c1 image=c3", Found(guess.Items!, "id", "title", "brand", "categories", "description", "image"));
        Assert.Equal("user=y item=z time=x", Found(guess.Interactions, "user", "item", "rating", "time", "event"));
        Assert.Equal(["c4"], guess.Items!.Unused.Select(column => column.Name));
    }

    [Theory]
    [InlineData("userId,movieId,rating,timestamp\n1,10,4.0,964982703\n2,20,3.5,964981247\n", "user=userId item=movieId rating=rating time=timestamp")]
    [InlineData("user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\ti1\t3\t881250949\nu2\ti2\t4\t891717742\n", "user=user_id:token item=item_id:token rating=rating:float time=timestamp:float")]
    [InlineData("event_time;event_type;product_id;user_id;price\n2019-10-01 00:00:00 UTC;view;44600062;541312140;35.79\n2019-10-01 00:00:01 UTC;purchase;3900821;554748717;33.20\n", "user=user_id item=product_id time=event_time event=event_type")]
    [InlineData("Order Date,Customer ID,SKU,Quantity\n2024-01-05,C1,S1,2\n2024-01-06,C2,S2,1\n", "user=Customer ID item=SKU time=Order Date")]
    [InlineData("{\"reviewerID\": \"A\", \"asin\": \"1\", \"overall\": 5.0, \"reviewTime\": \"06 17, 2018\", \"unixReviewTime\": 1529193600}\n{\"reviewerID\": \"B\", \"asin\": \"2\", \"overall\": 4.0, \"reviewTime\": \"06 18, 2018\", \"unixReviewTime\": 1529280000}\n", "user=reviewerID item=asin rating=overall time=unixReviewTime")]
    public async Task Interactions_as_shops_and_published_sets_have_them_are_known(string text, string expected)
    {
        _shop.Write("orders", text);
        Assert.Equal(expected, Found((await GuessAsync(null, "orders")).Interactions, "user", "item", "rating", "time", "event"));
    }

    [Fact]
    public async Task A_first_line_that_holds_a_number_is_a_row_of_user_item_rating_and_time()
    {
        _shop.Write("ratings.tsv", "u1\ti1\t4\t964982703\nu2\ti2\t5\t964981247\n");
        var draft = await ShopDraft.OfAsync(Request(null, "ratings.tsv", null), TestContext.Current.CancellationToken);
        var options = Dataset(draft);
        Assert.False(options.Interactions!.Header);
        Assert.Equal(["u1 i1 4 2000-07-30 18:45:03", "u2 i2 5 2000-07-30 18:20:47"], await _shop.LinesAsync(options.Interactions));
    }

    [Theory]
    [InlineData("7.jpg", "8.jpg", "pictures/{id}.jpg", 2)]
    [InlineData("7.jpg", "8.png", "pictures/{id}.*", 2)]
    [InlineData("photo_K-100_front.jpg", "photo_K-101_front.jpg", "pictures/photo_{id}_front.jpg", 2)]
    public async Task The_names_of_pictures_tell_their_pattern(string first, string second, string expected, int files)
    {
        _shop.Write("items.csv", "id,name\n7,a\n8,b\nK-100,c\nK-101,d\n").Write("orders.csv", "user,item\na,7\nb,8\n").Write($"pictures/{first}", [1]).Write($"pictures/{second}", [1]);
        var guess = await GuessAsync("items.csv", "orders.csv", "pictures");
        Assert.Equal((expected, files), (guess.Images, guess.Pictures));
        Assert.Equal(expected, Dataset(await ShopDraft.OfAsync(Request("items.csv", "orders.csv", "pictures"), TestContext.Current.CancellationToken)).Items!.Images);
    }

    [Fact]
    public async Task A_draft_binds_and_reads_what_it_was_drafted_from()
    {
        _shop.Write("in/items.jsonl", "{\"sku\": \"007\", \"name\": \"A \\\"b\\\"\", \"photos\": [\"http://a/1.jpg\"], \"tags\": [\"x\", \"y\"]}\n{\"sku\": \"008\", \"name\": \"C\"}\n");
        _shop.Write("in/log/1.csv", "visitor,sku,action,when\nv1,007,view,1529193600\nv2,008,buy,1529193601\n");
        var draft = await ShopDraft.OfAsync(Request("in/items.jsonl", "in/log/*.csv", null), TestContext.Current.CancellationToken);
        Assert.Equal(Path.Combine(_shop.Folder, "in"), draft.DataFolder);
        Assert.Contains("there are: \"buy\", \"view\".", draft.Configuration, StringComparison.Ordinal);
        var options = Dataset(draft);
        Assert.Equal(["log/*.csv"], options.Interactions!.Files);
        Assert.Equal(("visitor", "sku", "action"), (options.Interactions.Columns.User, options.Interactions.Columns.Item, options.Interactions.Columns.Event));
        Assert.Equal(("sku", "name"), (options.Items!.Columns.Id, options.Items.Columns.Title));
        Assert.Equal(["photos"], options.Items.Columns.Image);
    }

    [Fact]
    public async Task A_column_of_pictures_that_cannot_be_read_is_taken_by_its_name_and_their_form_is_told()
    {
        _shop.Write("items.csv", "id,title,image\n1,a b,scans/1.tif\n2,c d,scans/2.TIFF\n").Write("orders.csv", "user,item\na,1\nb,2\n");
        var draft = await ShopDraft.OfAsync(Request("items.csv", "orders.csv", null), TestContext.Current.CancellationToken);
        Assert.Equal(["image"], Dataset(draft).Items!.Columns.Image);
        Assert.Contains("  image: 'image' holds .tif, .tiff; JPEG, PNG, WebP and GIF are what can be read", draft.Guesses);
    }

    [Fact]
    public async Task A_column_whose_values_speak_against_its_name_is_told_with_the_flag_that_takes_it()
    {
        _shop.Write("items.csv", "id,title,image\n1,a b,scans/1\n2,c d,scans/2\n").Write("orders.csv", "user,item\na,1\nb,2\n");
        var draft = await ShopDraft.OfAsync(Request("items.csv", "orders.csv", null), TestContext.Current.CancellationToken);
        Assert.Contains("  image: the values of 'image' do not look like it; to take it all the same: --column items.image=image", draft.Guesses);
    }

    [Fact]
    public async Task Amazons_gift_cards_are_known()
    {
        var data = Beside.Data("amazon2018_gift_cards");
        var guess = await ShopGuess.OfAsync(new ShopRequest(Path.Combine(data, "meta_Gift_Cards.json"), Path.Combine(data, "Gift_Cards_5.json"), null, []), TestContext.Current.CancellationToken);
        Assert.Equal("user=reviewerID item=asin rating=overall time=unixReviewTime", Found(guess.Interactions, "user", "item", "rating", "time", "event"));
        Assert.Equal("id=asin title=title brand=brand categories=category,main_cat description=description image=imageURLHighRes,imageURL",
            Found(guess.Items!, "id", "title", "brand", "categories", "description", "image"));
    }

    [Fact]
    public async Task A_column_that_is_named_is_not_guessed_and_one_that_is_not_there_is_told()
    {
        _shop.Write("orders.csv", "user,item,buyer\na,1,x\nb,2,y\n");
        Assert.Equal("user=buyer item=item", Found((await ShopGuess.OfAsync(Request(null, "orders.csv", null, "interactions.user=buyer"), TestContext.Current.CancellationToken)).Interactions, "user", "item"));
        var missing = await Assert.ThrowsAsync<InvalidInputException>(() => ShopGuess.OfAsync(Request(null, "orders.csv", null, "interactions.user=byer"), TestContext.Current.CancellationToken));
        Assert.Contains("there is no column 'byer'; did you mean 'buyer'?", missing.Message, StringComparison.Ordinal);
        var role = await Assert.ThrowsAsync<ConfigurationException>(() => ShopGuess.OfAsync(Request(null, "orders.csv", null, "interactions.usr=buyer"), TestContext.Current.CancellationToken));
        Assert.StartsWith("--column interactions.usr=buyer: must be KEY=NAME; did you mean 'interactions.user'?", role.Message, StringComparison.Ordinal);
    }

    private static string Found(ColumnGuess guess, params string[] keys) =>
        string.Join(' ', keys.Where(guess.Found.ContainsKey).Select(key => $"{key}={string.Join(',', guess.Found[key].Select(column => column.Name))}"));

    private static DatasetOptions Dataset(ShopDraft draft) =>
        ConfigurationBinder.Bind<DatasetOptions>((JsonObject)ConfigurationFile.Parse(draft.Configuration, "draft")["dataset"]!);

    private Task<ShopGuess> GuessAsync(string? items, string interactions, string? images = null) =>
        ShopGuess.OfAsync(Request(items, interactions, images), TestContext.Current.CancellationToken);

    private ShopRequest Request(string? items, string interactions, string? images, params string[] columns) =>
        new(items is null ? null : Path.Combine(_shop.Folder, items), Path.Combine(_shop.Folder, interactions), images is null ? null : Path.Combine(_shop.Folder, images), columns);
}
