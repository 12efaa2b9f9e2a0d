using System.IO.Compression;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Folders;
using LmmRec.Encoders.Tests.Weights;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>Where a folder may come from: a zip file, an address, a name at a hub.</summary>
public sealed class SourceTests : IDisposable
{
    private readonly PlantedFolder _folder = new PlantedFolder().Texts().Modules();
    private readonly TemporaryFolder _target = new();

    private string Card => _target.PathOf("t/card.json");

    public void Dispose()
    {
        _folder.Dispose();
        _target.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("my-model-main/")]
    public async Task A_zip_file_holds_the_folder_or_its_files(string root)
    {
        await ImportAsync(Zip(archive => { }, root));
        Assert.Equal(["card.json", "onnx/model.onnx", "tokenizer.json"], Files());
    }

    [Fact]
    public async Task What_macOS_packs_besides_does_not_count()
    {
        await ImportAsync(Zip(archive =>
        {
            Add(archive, "__MACOSX/my-model/._config.json", "x");
            Add(archive, ".DS_Store", "x");
        }, "my-model/"));
        Assert.Equal(["card.json", "onnx/model.onnx", "tokenizer.json"], Files());
    }

    [Fact]
    public async Task A_zip_file_that_names_places_outside_is_refused()
    {
        var zip = Zip(archive => Add(archive, "../evil.txt", "x"));
        await RefusedAsync(zip, "../evil.txt", "outside");
        Assert.False(File.Exists(_target.PathOf("evil.txt")));
    }

    [Theory]
    [InlineData("/evil.txt")]
    [InlineData("C:\\evil.txt")]
    [InlineData("a\\..\\..\\evil.txt")]
    [InlineData("./../evil.txt")]
    public Task Places_outside_are_seen_however_they_are_written(string name) => RefusedAsync(Zip(archive => Add(archive, name, "x")), name, "outside");

    [Theory]
    [InlineData("my-model\\", "\\")]
    [InlineData("./my-model/", "/")]
    [InlineData("./", "/")]
    [InlineData("a/b/", "/")]
    public async Task Folders_in_a_zip_file_are_found_as_other_tools_write_them(string root, string between)
    {
        await ImportAsync(Zip(archive =>
        {
            Add(archive, "README.md", "x");
            Add(archive, "LICENSE:2", "x"); // nothing that is needed
        }, root, between));
        Assert.Equal(["card.json", "onnx/model.onnx", "tokenizer.json"], Files());
    }

    [Fact]
    public Task A_zip_file_of_several_models_asks_for_one() => RefusedAsync(Zip(archive => Add(archive, "b/config.json", "{}"), "a/"), "a/, b/", "config.json");

    [Fact]
    public async Task A_zip_file_that_would_fill_the_disk_is_refused()
    {
        File.WriteAllBytes(Path.Combine(_folder.Path, "onnx/model.onnx"), new byte[80 << 20]);
        await RefusedAsync(Zip(archive => { }), "onnx/model.onnx", "83,886,080 bytes");
    }

    [Fact]
    public async Task An_encrypted_zip_file_is_refused()
    {
        var zip = Zip(archive => { });
        var bytes = File.ReadAllBytes(zip);
        // Bit 0 of the flags, in the header of each file and in the list at the end.
        for (var i = 0; i + 10 < bytes.Length; i++)
            if (bytes.AsSpan(i, 4).SequenceEqual("PK\u0003\u0004"u8)) bytes[i + 6] |= 1;
            else if (bytes.AsSpan(i, 4).SequenceEqual("PK\u0001\u0002"u8)) bytes[i + 8] |= 1;
        File.WriteAllBytes(zip, bytes);
        await RefusedAsync(zip, "encrypted", "password");
    }

    [Fact]
    public async Task A_zip_file_that_is_cut_short_is_refused()
    {
        var zip = Zip(archive => { });
        File.WriteAllBytes(zip, File.ReadAllBytes(zip)[..^30]);
        await RefusedAsync(zip, zip, "no zip file, or a damaged one");
    }

    [Fact]
    public async Task The_address_of_a_folder_is_asked_for_its_files()
    {
        using var server = Serve("/models/mine/");
        await ImportAsync($"{server.Address}models/mine");
        Assert.Equal(["card.json", "onnx/model.onnx", "tokenizer.json"], Files());
    }

    [Fact]
    public async Task The_address_of_a_zip_file_is_fetched_once()
    {
        using var server = new FileServer { ["/mine.zip"] = File.ReadAllBytes(Zip(archive => { })) };
        await ImportAsync($"{server.Address}mine.zip");
        Assert.Equal(["card.json", "onnx/model.onnx", "tokenizer.json"], Files());
    }

    [Fact]
    public async Task Of_a_zip_file_that_is_refused_nothing_stays()
    {
        using var server = new FileServer { ["/evil.zip"] = File.ReadAllBytes(Zip(archive => Add(archive, "../evil.txt", "x"))) };
        await RefusedAsync($"{server.Address}evil.zip", "../evil.txt", "outside");
        Assert.False(Directory.Exists(_target.PathOf("t")));
        File.Delete(_target.PathOf("mine.zip"));
        File.Delete(Path.Combine(_folder.Path, "onnx/model.onnx"));
        server["/mine.zip"] = File.ReadAllBytes(Zip(archive => { }));
        await RefusedAsync($"{server.Address}mine.zip", "there is no onnx/model.onnx");
        Assert.False(Directory.Exists(_target.PathOf("t")));
    }

    [Fact]
    public async Task A_fetching_that_breaks_off_goes_on_with_the_next_import()
    {
        using var server = Serve("/mine/");
        var graph = File.ReadAllBytes(Path.Combine(_folder.Path, "onnx/model.onnx"));
        server["/mine/onnx/model.onnx"] = "<html>later</html>"u8.ToArray();
        await RefusedAsync($"{server.Address}mine", "onnx/model.onnx", "web page");
        server["/mine/onnx/model.onnx"] = graph;
        server.Ranges.Clear();
        await ImportAsync($"{server.Address}mine");
        Assert.Contains(server.Ranges, start => start > 0); // what was there already is asked for from its end on
        Assert.Equal(["card.json", "onnx/model.onnx", "tokenizer.json"], Files());
    }

    [Theory]
    [InlineData("hf:org/mine", "main")]
    [InlineData("hf:org/mine@v1.0", "v1.0")]
    [InlineData("hf:org/mine@refs/pr/1", "refs%2Fpr%2F1")]
    public async Task A_name_at_a_hub_is_asked_for_at_its_revision(string source, string revision)
    {
        using var server = Serve($"/org/mine/resolve/{revision}/");
        await ImportAsync(source, new Hub(new Uri(server.Address), null));
        Assert.StartsWith(source, EncoderCard.Read(_target.PathOf("t")).Description, StringComparison.Ordinal);
        Assert.All(server.Requests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task The_token_is_shown_to_the_hub_only_and_written_nowhere()
    {
        const string token = "hf_never-to-be-seen";
        using var store = Serve("/store/");
        using var server = Serve("/org/mine/resolve/main/");
        server.Redirects["/org/mine/resolve/main/onnx/model.onnx"] = "/moved/model.onnx"; // the hub sends on to itself, and then elsewhere
        server.Redirects["/moved/model.onnx"] = $"{store.Address}store/onnx/model.onnx";
        await ImportAsync("hf:org/mine", new Hub(new Uri(server.Address), token));
        Assert.All(server.Requests, request => Assert.Equal($"Bearer {token}", request.Authorization));
        Assert.Contains(server.Requests, request => request.Path == "/moved/model.onnx");
        Assert.Null(Assert.Single(store.Requests).Authorization);
        Assert.All(Directory.GetFiles(_target.PathOf("t"), "*", SearchOption.AllDirectories), file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.ASCII.GetBytes(token))));
    }

    [Theory]
    [InlineData("hf:")]
    [InlineData("hf:a")]
    [InlineData("hf:a/b/c")]
    [InlineData("hf:../b")]
    [InlineData("hf:a/b@")]
    public async Task What_is_no_name_at_a_hub_is_refused(string source)
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => ImportAsync(source));
        Assert.Contains("hf:org/name@revision", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://hub.invalid/org/mine/tree/main", "hf:org/mine@main")]
    [InlineData("https://huggingface.co/org/mine/blob/v1/config.json", "hf:org/mine@v1")]
    [InlineData("https://huggingface.co/org/mine", "hf:org/mine")]
    public async Task A_page_about_a_model_is_told_the_models_name(string page, string name)
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => ImportAsync(page));
        Assert.EndsWith($"name {name}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_source_is_told_why()
    {
        var graph = Path.Combine(_folder.Path, "onnx/model.onnx");
        Assert.Contains("no such folder", FolderSource.WhyNone("/nothere"), StringComparison.Ordinal);
        Assert.Contains($"name the model's folder, {_folder.Path}", FolderSource.WhyNone(Path.Combine(_folder.Path, "config.json")), StringComparison.Ordinal);
        Assert.Contains($"name the model's folder, {_folder.Path}, or draft a card for this one with 'lmmrec models inspect {graph}'", FolderSource.WhyNone(graph), StringComparison.Ordinal);
        Assert.Null(FolderSource.WhyNone("clip-small"));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_hub_that_wants_to_know_who_asks_is_told_with_the_variable_that_says_it(int status)
    {
        using var server = new FileServer { Absent = status };
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync("hf:org/gated", new Hub(new Uri(server.Address), null)));
        Assert.Contains($"{status}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("At a hub, set HF_TOKEN to a token that may read it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_was_imported_is_not_asked_for_weights()
    {
        await ImportAsync(_folder.Path);
        using var client = EncoderModels.NewClient(null, Import.NoHub);
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() =>
            EncoderModels.ImportAsync(_target.PathOf("t"), null, null, _target.PathOf("again"), client, new Silence(), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Contains("was imported already", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_with_nothing_behind_it_is_told_what_was_looked_for()
    {
        using var server = new FileServer();
        await RefusedAsync($"{server.Address}nothing", "nothing", "config.json");
    }

    [Theory]
    [InlineData("/a/b/my-model", "my-model")]
    [InlineData("/a/b/my-model/", "my-model")]
    [InlineData("my-model.zip", "my-model")]
    [InlineData("hf:org/my-model@v1", "my-model")]
    [InlineData("https://hub.example/org/my-model/resolve/main/", "my-model")]
    [InlineData("https://example.org/files/my-model.zip?key=1", "my-model")]
    public void The_encoder_is_called_as_its_source(string source, string name) => Assert.Equal(name, FolderSource.NameOf(source));

    private Task<EncoderCard> ImportAsync(string source, Hub? hub = null) => Import.RunAsync(source, _target.PathOf("t"), hub: hub);

    private async Task RefusedAsync(string source, params string[] words)
    {
        await Import.RefusedAsync(source, _target.PathOf("t"), words);
        Assert.False(File.Exists(Card));
    }

    private List<string> Files() =>
        [.. Directory.GetFiles(_target.PathOf("t"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_target.PathOf("t"), file)).Order(StringComparer.Ordinal)];

    private FileServer Serve(string root)
    {
        var server = new FileServer();
        foreach (var file in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories)) server[root + Path.GetRelativePath(_folder.Path, file)] = File.ReadAllBytes(file);
        return server;
    }

    private string Zip(Action<ZipArchive> more, string root = "", string between = "/")
    {
        var path = _target.PathOf("mine.zip");
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var file in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories)) archive.CreateEntryFromFile(file, root + Path.GetRelativePath(_folder.Path, file).Replace("/", between, StringComparison.Ordinal));
        more(archive);
        return path;
    }

    private static void Add(ZipArchive archive, string name, string content)
    {
        using var writer = new StreamWriter(archive.CreateEntry(name).Open());
        writer.Write(content);
    }
}
