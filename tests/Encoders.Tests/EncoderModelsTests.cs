using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Tests.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests;

public sealed class EncoderModelsTests : IDisposable
{
    private static readonly string Models = Path.Combine(Beside.Checkout, "onnx-models");
    private static readonly string Card = Path.Combine(Models, "clip-small");

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    private string Target => _folder.PathOf("imported");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_list_says_which_encoders_can_run()
    {
        var list = EncoderModels.List(Models).ToDictionary(m => m.Name, m => m.State);
        Assert.Equal("seeded", list["clip-small"]);
        Assert.Equal("needs weights", list["clip-vit-b16"]);
    }

    [Fact]
    public void An_inspection_counts_parameters_and_widths()
    {
        var inspection = EncoderModels.Inspect(Path.Combine(Models, "clip-vit-b16"));
        Assert.Equal((149_620_737, 512, 512), (EncoderGraph.ParametersOf(EncoderCard.Read(Path.Combine(Models, "clip-vit-b16"))), inspection.VisualWidth, inspection.TextualWidth));
        Assert.Null(EncoderModels.Inspect(Path.Combine(Models, "vgg16")).TextualWidth);
    }

    [Fact]
    public void An_encoder_that_was_written_gives_the_vectors_of_its_card()
    {
        EncoderModels.Init(Card, seed: 7, Target);
        Assert.Equal("imported", EncoderModels.Inspect(Target).Listing.State);
        Assert.All([Encoder.VisualFile, Encoder.TextualFile], file => Assert.True(new FileInfo(Path.Combine(Target, file)).Length < 100_000, "the weights lie in one file, not in two"));
        Assert.Equal(Vector(Card), Vector(Target));
        EncoderModels.Init(Card, seed: 8, Target);
        Assert.NotEqual(Vector(Card), Vector(Target));
    }

    /// <summary>With a joint space as wide as the towers the projections are square: untransposed they would fit and be wrong.</summary>
    [Fact]
    public async Task Weights_under_hugging_faces_names_give_the_same_vectors()
    {
        var square = _folder.PathOf("square");
        Directory.CreateDirectory(square);
        File.Copy(Path.Combine(Card, "merges.txt"), Path.Combine(square, "merges.txt"));
        var json = await File.ReadAllTextAsync(Path.Combine(Card, EncoderCard.FileName), _cancellation);
        await File.WriteAllTextAsync(Path.Combine(square, EncoderCard.FileName), json.Replace("\"joint\": 64", "\"joint\": 96", StringComparison.Ordinal), _cancellation);

        SafeTensors.Write(_folder.PathOf("hf.safetensors"), HuggingFace(Own(square)));
        var report = await ImportAsync(_folder.PathOf("hf.safetensors"), square);
        Assert.Empty(report.LeftOver);
        Assert.Empty(report.Drawn);
        Assert.Equal(Vector(square), Vector(Target));
    }

    [Fact]
    public async Task What_is_missing_misshapen_and_left_over_is_listed()
    {
        var tensors = Own();
        tensors.Remove("visual.proj");
        tensors["ln_final.bias"] = TensorData.Of(new float[95]);
        tensors["surplus"] = TensorData.Of(new float[1]);
        SafeTensors.Write(_folder.PathOf("w.safetensors"), tensors);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf("w.safetensors")));
        Assert.StartsWith($"{_folder.PathOf("w.safetensors")}: does not hold the weights of this card:", error.Message);
        Assert.Contains("missing (1): visual.proj", error.Message);
        Assert.Contains("of another shape (1): ln_final.bias: [95] in the file, [96] in the card", error.Message);
        Assert.Contains("left over (1): surplus", error.Message);
        Assert.False(Directory.Exists(Target), "what failed leaves nothing");
    }

    [Fact]
    public async Task What_no_feature_needs_may_be_missing_and_is_drawn()
    {
        var tensors = Own();
        tensors.Remove("logit_scale");
        SafeTensors.Write(_folder.PathOf("w.safetensors"), tensors.ToDictionary(t => "module." + t.Key, t => t.Value));
        Assert.Equal(["logit_scale"], (await ImportAsync(_folder.PathOf("w.safetensors"))).Drawn);
        Assert.Equal(Vector(Card), Vector(Target));
    }

    [Theory]
    [InlineData("_orig_mod.")]
    [InlineData("0.auto_model.")]
    [InlineData("state_dict.model.text_and_image.")]
    [InlineData("my.weird.Prefix/")]
    [InlineData("anything")]
    public async Task A_prefix_of_all_names_is_taken_off_and_said(string prefix)
    {
        SafeTensors.Write(_folder.PathOf("w.safetensors"), Own().ToDictionary(t => prefix + t.Key, t => t.Value));
        var report = await ImportAsync(_folder.PathOf("w.safetensors"));
        Assert.Equal(prefix, report.Prefix);
        Assert.Empty(report.LeftOver);
        Assert.Equal(Vector(Card), Vector(Target));
    }

    [Fact]
    public async Task Of_two_models_in_a_file_one_is_chosen_by_its_prefix()
    {
        var (student, teacher) = (Own(), Own(seed: 8));
        SafeTensors.Write(_folder.PathOf("w.safetensors"),
            student.Select(t => ("student." + t.Key, t.Value)).Concat(teacher.Select(t => ("teacher." + t.Key, t.Value))).ToDictionary(t => t.Item1, t => t.Value));
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf("w.safetensors")));
        Assert.Contains("holds 2 models that fit this card, their names beginning with 'student.' and 'teacher.'; choose one with --prefix", error.Message);
        foreach (var wrong in new[] { "student", "pupil.", "" })
            Assert.Contains($"has no parameter of this card under --prefix '{wrong}'; what fits this card begins with 'student.' or 'teacher.'",
                (await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf("w.safetensors"), prefix: wrong))).Message);
        Assert.False(Directory.Exists(Target), "what failed leaves nothing");

        var report = await ImportAsync(_folder.PathOf("w.safetensors"), prefix: "student.");
        Assert.Equal(teacher.Count, report.LeftOver.Count(name => name.StartsWith("teacher.", StringComparison.Ordinal)));
        Assert.Equal(Vector(Card), Vector(Target));
    }

    [Fact]
    public async Task A_prefix_where_nothing_stands_before_the_names_is_to_be_left_out()
    {
        SafeTensors.Write(_folder.PathOf("w.safetensors"), Own());
        Assert.Contains("leave out --prefix", (await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf("w.safetensors"), prefix: "model."))).Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public async Task Weights_that_are_not_finite_are_found_at_import(float value)
    {
        var tensors = Own();
        tensors["ln_final.bias"].As<float>()[17] = value;
        SafeTensors.Write(_folder.PathOf("w.safetensors"), tensors);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf("w.safetensors")));
        Assert.Contains("not finite (1): ln_final.bias", error.Message);
        Assert.False(Directory.Exists(Target), "what failed leaves nothing");
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:5\nsize 9\n", "is a Git LFS pointer")]
    [InlineData("<!doctype html><title>Log in</title>", "is a web page")]
    public async Task What_lies_where_weights_were_wanted_is_called_by_its_name(string content, string what)
    {
        foreach (var name in new[] { "model.safetensors", "pytorch_model.bin", "model.safetensors.index.json" })
        {
            await File.WriteAllTextAsync(_folder.PathOf(name), content, _cancellation);
            Assert.Contains($"{name}: {what}", (await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf(name)))).Message);
        }
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:5\nsize 9\n", "is a Git LFS pointer")]
    [InlineData("<!doctype html><title>Log in</title>", "is a web page")]
    public async Task What_lies_where_a_vocabulary_was_wanted_is_not_copied(string content, string what)
    {
        var card = BareCard();
        SafeTensors.Write(_folder.PathOf("w.safetensors"), Own());
        await File.WriteAllTextAsync(Path.Combine(card, "merges.txt"), content, _cancellation);
        Assert.Contains($"merges.txt: {what}", (await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf("w.safetensors"), card))).Message);
        Assert.Contains($"merges.txt: {what}", Assert.Throws<InvalidInputException>(() => EncoderModels.Init(card, seed: 7, Target)).Message);
        Assert.False(Directory.Exists(Target), "what failed leaves nothing");
    }

    [Fact]
    public async Task Weights_come_from_an_address_and_leave_the_users_files_alone()
    {
        SafeTensors.Write(_folder.PathOf("w.safetensors"), Own());
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "w.safetensors"), "mine", _cancellation);
        using var server = new FileServer { ["/w.safetensors"] = await File.ReadAllBytesAsync(_folder.PathOf("w.safetensors"), _cancellation) };
        await ImportAsync($"{server.Address}w.safetensors");
        Assert.Equal(Vector(Card), Vector(Target));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(Target, "w.safetensors"), _cancellation));
        Assert.Empty(Directory.GetDirectories(Target));
    }

    [Theory]
    [InlineData("beside the weights")]
    [InlineData("in the card's folder")]
    public async Task A_vocabulary_that_is_there_is_not_fetched(string place)
    {
        var card = BareCard();
        Directory.CreateDirectory(_folder.PathOf("download"));
        SafeTensors.Write(_folder.PathOf("download/w.safetensors"), Own());
        File.Copy(Path.Combine(Card, "merges.txt"), Path.Combine(place == "beside the weights" ? _folder.PathOf("download") : card, "merges.txt"));
        await ImportAsync(_folder.PathOf("download/w.safetensors"), card); // its address is one that nobody has
        Assert.Equal(Vector(Card), Vector(Target));
    }

    [Fact]
    public async Task Offline_it_is_said_at_once_where_the_vocabulary_goes()
    {
        var card = BareCard();
        SafeTensors.Write(_folder.PathOf("w.safetensors"), Own());
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf("w.safetensors"), card));
        Assert.Contains($"put the vocabulary merges.txt into {card} or beside the file of weights", error.Message);
    }

    [Fact]
    public async Task Files_of_the_same_name_at_two_addresses_are_not_confused()
    {
        SafeTensors.Write(_folder.PathOf("other.safetensors"), new Dictionary<string, TensorData> { ["x"] = TensorData.Of(new float[3]) });
        SafeTensors.Write(_folder.PathOf("w.safetensors"), Own());
        using var server = new FileServer
        {
            ["/other/weights.safetensors"] = await File.ReadAllBytesAsync(_folder.PathOf("other.safetensors"), _cancellation),
            ["/weights.safetensors"] = await File.ReadAllBytesAsync(_folder.PathOf("w.safetensors"), _cancellation),
        };
        EncoderModels.Init(Card, seed: 8, Target); // its weights have that name too
        await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync($"{server.Address}other/weights.safetensors"));
        var kept = Assert.Single(Directory.GetDirectories(Target)); // so that its import can be tried again
        await ImportAsync($"{server.Address}weights.safetensors");
        Assert.Equal(Vector(Card), Vector(Target));
        Assert.Equal(kept, Assert.Single(Directory.GetDirectories(Target)));
    }

    [Fact]
    public async Task Shards_are_fetched_from_beside_their_index()
    {
        var halves = Own().Chunk(10).Select(c => c.ToDictionary()).ToList();
        using var server = new FileServer();
        foreach (var (i, half) in halves.Index())
        {
            SafeTensors.Write(_folder.PathOf("shard"), half);
            server[$"/repo/{i}.safetensors"] = await File.ReadAllBytesAsync(_folder.PathOf("shard"), _cancellation);
        }
        var map = halves.Index().SelectMany(h => h.Item.Keys.Select(k => (k, $"{h.Index}.safetensors"))).ToDictionary(p => p.k, p => p.Item2);
        server["/repo/model.safetensors.index.json"] = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { weight_map = map });
        await ImportAsync($"{server.Address}repo/model.safetensors.index.json");
        Assert.Equal(Vector(Card), Vector(Target));
    }

    [Fact]
    public void The_heads_of_the_feature_must_be_in_the_file()
    {
        var card = EncoderCard.Read(Path.Combine(Models, "vlmo-base-plus")) with { Feature = "itc" };
        Assert.False(card.Architecture.IsOptional("itc_image_proj.fc.weight", card));
        Assert.False(card.Architecture.IsOptional("itc_text_proj.fc.weight", card));
        Assert.True(card.Architecture.IsOptional("itc_vl_image_proj.fc.weight", card));
        Assert.True(card.Architecture.IsOptional("itc_image_proj.fc.weight", card with { Feature = "post_norm" }));
    }

    [Fact]
    public void An_onnx_file_of_the_user_works_by_the_names_of_its_card()
    {
        Directory.CreateDirectory(Target);
        var graph = new Graph("mine");
        var ids = graph.Input("input_ids", ElementType.Int64, ["n", 8]);
        var mask = graph.Input("attention_mask", ElementType.Int64, ["n", 8]);
        graph.Output("sentence", (ids * mask).Cast(ElementType.Float32).ReduceSum([1], keepDims: true));
        graph.Save(Path.Combine(Target, "model.onnx"));
        File.Copy(Path.Combine(Card, "merges.txt"), Path.Combine(Target, "merges.txt"));
        WriteCard("""{ "file": "model.onnx", "input": "input_ids", "mask": "attention_mask", "output": "sentence" }""");
        using (var encoder = Encoder.Open(Target, new RuntimeOptions()))
        {
            Assert.True(Assert.Single(encoder.Texts!.Encode("a red mug")[0]) > 0);
        }

        Assert.Equal((null, 1), (EncoderModels.Inspect(Target).VisualWidth, EncoderModels.Inspect(Target).TextualWidth));

        WriteCard("""{ "file": "model.onnx", "input": "input_ids", "mask": "attention_mask", "output": "sentence" }""", length: 9);
        var fixedLength = Assert.Throws<InvalidInputException>(() => Encoder.Open(Target, new RuntimeOptions())).Message;
        Assert.Contains("input 'input_ids' takes the shape [n, 8], not [16, 9]", fixedLength);
        Assert.Contains("change the card (image.crop, text.length), or export the file with inputs of free sizes", fixedLength);
        WriteCard("""{ "file": "model.onnx", "input": "tokens", "output": "sentence" }""");
        Assert.Contains("has the inputs input_ids, attention_mask; the card names tokens", Assert.Throws<InvalidInputException>(() => Encoder.Open(Target, new RuntimeOptions())).Message);
        WriteCard("""{ "file": "model.onnx", "input": "input_ids", "mask": "attention_mask", "output": "pooled" }""");
        Assert.Contains("has the outputs sentence; the card names pooled", Assert.Throws<InvalidInputException>(() => Encoder.Open(Target, new RuntimeOptions())).Message);

        void WriteCard(string onnx, int length = 8) => File.WriteAllText(Path.Combine(Target, EncoderCard.FileName),
            $$"""{ "onnx": { "textual": {{onnx}} }, "text": { "tokenizer": "byte-pair", "file": "merges.txt", "vocabulary": 821, "length": {{length}} } }""");
    }

    [Fact]
    public void Files_that_the_users_onnx_file_takes_its_weights_from_are_files_of_the_encoder()
    {
        Directory.CreateDirectory(Target);
        var graph = new Graph("mine");
        var table = graph.Parameter("table", [821, 8], Initializers.Ones);
        graph.Output("sentence", table[graph.Input("ids", ElementType.Int64, ["n", 8])].ReduceSum([1]));
        graph.Initialize(new SeededRandom(1));
        graph.Save(Path.Combine(Target, "model.onnx"), maxInlineBytes: 0);
        var card = new EncoderCard { Onnx = new() { Textual = new() { File = "model.onnx", Input = "ids", Output = "sentence" } }, Text = new() { File = "merges.txt", Vocabulary = 821, Length = 8 } };
        Assert.Equal(["model.onnx", "model.onnx.data"], Encoder.FilesOf(Target, card));

        File.WriteAllText(Path.Combine(Target, "model.onnx"), "no graph");
        Assert.Contains("model.onnx' is no ONNX file", Assert.Throws<InvalidInputException>(() => Encoder.FilesOf(Target, card)).Message);
    }

    [Fact]
    public async Task Files_that_an_imported_graph_takes_its_weights_from_come_with_it()
    {
        var card = Directory.CreateDirectory(_folder.PathOf("card")).FullName;
        File.Copy(Path.Combine(Card, "merges.txt"), Path.Combine(card, "merges.txt"));
        await File.WriteAllTextAsync(Path.Combine(card, EncoderCard.FileName),
            """{ "onnx": { "textual": { "file": "onnx/model.onnx", "input": "ids", "output": "sentence" } }, "text": { "tokenizer": "byte-pair", "file": "merges.txt", "vocabulary": 821, "length": 8 } }""", _cancellation);
        var graph = new Graph("mine");
        graph.Output("sentence", graph.Parameter("table", [821, 8], Initializers.Ones)[graph.Input("ids", ElementType.Int64, ["n", 8])].ReduceSum([1]));
        graph.Initialize(new SeededRandom(1));
        graph.Save(_folder.PathOf("mine.onnx"), maxInlineBytes: 0);
        Assert.Equal(1, (await ImportAsync(_folder.PathOf("mine.onnx"), card)).Taken);
        Assert.Equal(8, EncoderModels.Inspect(Target).TextualWidth);

        File.Delete(_folder.PathOf("mine.onnx.data")); // that of the earlier import serves
        await ImportAsync(_folder.PathOf("mine.onnx"), card);
        File.Delete(Path.Combine(Target, "onnx", "mine.onnx.data"));
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.PathOf("mine.onnx"), card));
        Assert.Contains($"{Path.Combine(Target, "onnx", "mine.onnx.data")}: is missing", refused.Message);
    }

    [Theory]
    [InlineData("https://me:secret@127.0.0.1:9/Weights.1.0.0.nupkg?key=secret", "https://127.0.0.1:9/Weights.1.0.0.nupkg: is a package, which is taken from a file only")]
    [InlineData("ftp://me:secret@127.0.0.1/w.safetensors", "ftp://127.0.0.1/w.safetensors: has a scheme other than http and https")]
    [InlineData("http://me:secret@127.0.0.1:9/w.safetensors?key=secret", "http://127.0.0.1:9/w.safetensors: cannot be reached")]
    public async Task Addresses_that_cannot_be_fetched_are_told_without_their_passwords(string weights, string fault)
    {
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(weights));
        Assert.StartsWith(fault, refused.Message);
        Assert.DoesNotContain("secret", refused.Message);
    }

    [Fact]
    public void Passwords_in_the_addresses_of_a_card_are_shown_nowhere()
    {
        Assert.Equal("https://example.org/w.safetensors", new FileSource { Url = "https://me:secret@example.org/w.safetensors?key=secret" }.ToString());
        Assert.All(new FileSource { Url = "http://me:secret@example.org/w" }.Faults(), fault => Assert.Equal(("url", "is no https address, such as https://example.org/model.safetensors"), fault));
    }

    [Fact]
    public void A_folder_that_a_killed_import_left_is_no_encoder_in_the_list()
    {
        EncoderModels.Init(Card, seed: 7, Target);
        EncoderModels.Init(Card, seed: 7, Target + "~writing");
        Assert.Equal(["imported"], EncoderModels.List(_folder.Path).Select(encoder => encoder.Name));
        EncoderModels.Init(Card, seed: 8, Target);
        Assert.False(Directory.Exists(Target + "~writing"), "the next one takes it away");
    }

    [Fact]
    public void Files_of_an_imported_encoder_are_its_card_vocabulary_graph_and_weights()
    {
        EncoderModels.Init(Card, seed: 7, Target);
        Assert.Equal(["card.json", "merges.txt", "visual.onnx", "weights.safetensors", "textual.onnx"], Encoder.FilesOf(Target, EncoderCard.Read(Target)));
    }

    /// <summary>Though the card has a seed: drawn weights in the place of imported ones would be a silent change.</summary>
    [Fact]
    public void A_folder_that_an_earlier_version_wrote_or_an_import_left_half_is_to_be_imported_again()
    {
        EncoderModels.Init(Card, seed: 7, Target);
        File.Delete(Path.Combine(Target, Encoder.TextualFile));
        Assert.Contains("there is no textual.onnx, so an import was cut short; run 'lmmrec models import' again", Assert.Throws<InvalidInputException>(() => Encoder.Open(Target, new RuntimeOptions())).Message);
        File.Move(Path.Combine(Target, Encoder.VisualFile), Path.Combine(Target, "model.onnx"));
        Assert.Contains("there is no visual.onnx and no textual.onnx, only model.onnx of an earlier version of lmmrec", Assert.Throws<InvalidInputException>(() => Encoder.Open(Target, new RuntimeOptions())).Message);
    }

    /// <summary>Refused before ONNX Runtime opens them, which logs what it finds.</summary>
    [Fact]
    public void Weights_beside_a_graph_that_are_cut_short_or_damaged_or_missing_are_to_be_imported_again()
    {
        EncoderModels.Init(Card, seed: 7, Target);
        var weights = Path.Combine(Target, Encoder.WeightsFile);
        var whole = File.ReadAllBytes(weights);
        foreach (var broken in new[] { whole[..^1], whole[..1000], whole[..5], [], [.. new byte[64], .. whole[64..]] })
        {
            File.WriteAllBytes(weights, broken);
            Assert.Equal($"{weights}: is cut short or damaged; import the weights again", Assert.Throws<InvalidInputException>(() => Encoder.Open(Target, new RuntimeOptions())).Message);
        }
        File.Delete(weights);
        Assert.StartsWith($"{weights}: is missing", Assert.Throws<InvalidInputException>(() => Encoder.Open(Target, new RuntimeOptions())).Message);
        File.WriteAllBytes(weights, whole);
        Assert.Equal(Vector(Card), Vector(Target));
    }

    [Fact]
    public void A_card_that_was_changed_after_its_graph_was_written_is_refused()
    {
        EncoderModels.Init(Card, seed: 7, Target);
        ChangeCard("\"length\": 32", "\"length\": 31");
        Assert.Contains("does not take what its card says", Assert.Throws<InvalidInputException>(() => Encoder.Open(Target, new RuntimeOptions())).Message);
    }

    /// <summary>An id beyond the table stands for what no test can bring about, such as want of memory.</summary>
    [Fact]
    public void What_goes_wrong_in_a_graph_of_our_own_is_not_blamed_on_its_card()
    {
        EncoderModels.Init(Card, seed: 7, Target);
        var graph = new Graph("beyond");
        var ids = graph.Input(EncoderGraph.Ids, ElementType.Int64, ["batch", EncoderGraph.UpTo(32)]);
        graph.Output(EncoderGraph.Textual, graph.Parameter("table", TensorData.Of(new float[821]), trainable: false)[ids + graph.Integers(821)].ReduceSum([1], keepDims: true));
        graph.Save(Path.Combine(Target, Encoder.TextualFile));
        using var encoder = Encoder.Open(Target, new RuntimeOptions());
        Assert.Contains("the graph cannot run this batch", Assert.Throws<GraphException>(() => encoder.Texts!.Encode("")).Message);
    }

    // The sample's card without its vocabulary, which would have to be fetched.
    private string BareCard()
    {
        var folder = _folder.PathOf("card");
        Directory.CreateDirectory(folder);
        var json = File.ReadAllText(Path.Combine(Card, EncoderCard.FileName));
        File.WriteAllText(Path.Combine(folder, EncoderCard.FileName),
            json.Replace("\"file\": \"merges.txt\",", "\"file\": \"merges.txt\", \"source\": { \"url\": \"https://127.0.0.1:9/merges.txt\" },", StringComparison.Ordinal));
        return folder;
    }

    private void ChangeCard(string text, string replacement)
    {
        var card = Path.Combine(Target, EncoderCard.FileName);
        File.WriteAllText(card, File.ReadAllText(card).Replace(text, replacement, StringComparison.Ordinal));
    }

    private async Task<LmmRec.Encoders.Weights.WeightsReport> ImportAsync(string weights, string? card = null, string? prefix = null)
    {
        using var client = new HttpClient();
        return await EncoderModels.ImportAsync(card ?? Card, weights, prefix, Target, client, new Silence(), TimeProvider.System, _cancellation);
    }

    private static Dictionary<string, TensorData> Own(string? card = null, long seed = 7) =>
        new(EncoderGraph.DrawWeights(EncoderCard.Read(card ?? Card), seed));

    // Written down anew, so that the table of names is checked by another hand.
    private static Dictionary<string, TensorData> HuggingFace(Dictionary<string, TensorData> own)
    {
        var result = new Dictionary<string, TensorData>();
        foreach (var (name, data) in own)
        {
            var tower = name.StartsWith("visual.", StringComparison.Ordinal) ? "vision_model" : "text_model";
            var bare = name.Replace("visual.", "", StringComparison.Ordinal);
            if (bare.StartsWith("transformer.", StringComparison.Ordinal))
            {
                var block = bare.Replace("transformer.resblocks", $"{tower}.encoder.layers", StringComparison.Ordinal).Replace("ln_", "layer_norm", StringComparison.Ordinal)
                    .Replace("c_fc", "fc1", StringComparison.Ordinal).Replace("c_proj", "fc2", StringComparison.Ordinal).Replace("attn.", "self_attn.", StringComparison.Ordinal);
                var parts = block.Split("in_proj_");
                if (parts.Length == 1) result[block] = data;
                else
                    foreach (var (i, letter) in "qkv".Index())
                    {
                        var third = data.As<float>().Length / 3;
                        result[$"{parts[0]}{letter}_proj.{parts[1]}"] = TensorData.Of(data.As<float>()[(i * third)..((i + 1) * third)], [data.Shape[0] / 3, .. data.Shape[1..]]);
                    }
            }
            else
            {
                var (other, transposed) = name switch
                {
                    "visual.class_embedding" => ("vision_model.embeddings.class_embedding", false),
                    "visual.conv1.weight" => ("vision_model.embeddings.patch_embedding.weight", false),
                    "visual.positional_embedding" => ("vision_model.embeddings.position_embedding.weight", false),
                    "visual.proj" => ("visual_projection.weight", true),
                    "text_projection" => ("text_projection.weight", true),
                    "token_embedding.weight" => ("text_model.embeddings.token_embedding.weight", false),
                    "positional_embedding" => ("text_model.embeddings.position_embedding.weight", false),
                    "logit_scale" => ("logit_scale", false),
                    _ => ($"{tower}.{bare}".Replace("ln_pre", "pre_layrnorm", StringComparison.Ordinal).Replace("ln_post", "post_layernorm", StringComparison.Ordinal).Replace("ln_final", "final_layer_norm", StringComparison.Ordinal), false),
                };
                result[other] = transposed ? TensorData.Of(Transpose(data), data.Shape[1], data.Shape[0]) : data;
            }
        }
        return result;
    }

    private static float[] Transpose(TensorData matrix)
    {
        var (rows, columns) = (matrix.Shape[0], matrix.Shape[1]);
        return [.. from c in Enumerable.Range(0, (int)columns) from r in Enumerable.Range(0, (int)rows) select matrix.As<float>()[r * columns + c]];
    }

    private static string Vector(string folder)
    {
        using var encoder = Encoder.Open(folder, new RuntimeOptions { Threads = 1 });
        return string.Join(' ', encoder.Pictures!.Encode([(0, Pictures.Png(Pictures.Draw(70, 80)))])[0].Concat(encoder.Texts!.Encode("a red mug")[0]));
    }
}
