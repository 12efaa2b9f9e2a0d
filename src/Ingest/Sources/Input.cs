using System.Net;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Matrices;
using LmmRec.Ingest.Sources.Amazon;
using LmmRec.Ingest.Tables;
using LmmRec.Tables;

namespace LmmRec.Ingest.Sources;

/// <summary>The data that a configuration names.</summary>
/// <param name="Recipe">what of the options determines the tables, beside the files</param>
/// <param name="Files">the user's files, by name: their content enters the fingerprint</param>
/// <param name="OpenAsync">opens them when the step runs</param>
internal sealed record Input(JsonObject Recipe, IReadOnlyDictionary<string, string> Files, Func<StepContext, CancellationToken, Task<OpenInput>> OpenAsync)
{
    /// <summary>The steps that fetch files which are not the user's yet, before these are opened.</summary>
    public IReadOnlyList<Step> Downloads { get; init; } = [];

    /// <summary>The feature matrices that encoders want, in the order of their names.</summary>
    public IReadOnlyList<MatrixFile> Matrices { get; init; } = [];

    // The pictures' addresses repeat the name that the shop was asked under; a fixed one gives the same tables whatever port it got.
    private const string SampleHost = "shop.test";

    /// <summary>The user's files, or published ones.</summary>
    /// <param name="dataset">which</param>
    /// <param name="options">how they are read</param>
    /// <param name="folder">the data folder</param>
    /// <param name="downloads">the folder of the artifacts of fetched files</param>
    /// <param name="wanted">the feature matrices that are wanted</param>
    /// <exception cref="Artifacts.InvalidInputException">A file is missing.</exception>
    public static Input Of(DatasetOptions dataset, IngestOptions options, string folder, string downloads, IReadOnlyList<WantedMatrix> wanted)
    {
        var published = dataset.IsAmazon ? new AmazonFiles(dataset, FetchPolicy.Of(options), folder, downloads) : null;
        var input = dataset.Source switch
        {
            DatasetSource.Mmrec => OfIndexFolder("mmrec", options, MMRecSource.FilesOf(folder, dataset.Name!),
                () => new MMRecSource(folder, dataset.Name!, options.Split.Kind == SplitKind.Given)),
            DatasetSource.Lattice => OfIndexFolder("lattice", options, LatticeSource.FilesOf(folder), () => new LatticeSource(folder)),
            DatasetSource.Table => OfTables(dataset.Interactions!, dataset.Items, options, folder),
            _ => OfAmazon(dataset, options, published!),
        };
        IReadOnlyList<MatrixFile> matrices = [.. wanted.OrderBy(matrix => matrix.Name, StringComparer.Ordinal).Select(Find)];
        input.Recipe["matrices"] = new JsonObject(matrices.Select(matrix => KeyValuePair.Create(matrix.Name, (JsonNode?)matrix.File)));
        return input with
        {
            Files = input.Files.Concat(matrices.SelectMany(matrix => matrix.Inputs)).DistinctBy(file => file.Key).ToDictionary(),
            Matrices = matrices,
            Downloads = published?.Steps ?? [],
        };

        MatrixFile Find(WantedMatrix matrix)
        {
            var file = matrix.File?.Replace("{category}", dataset.Category, StringComparison.Ordinal);
            return published is not null && (file is null || published.IsFeatures(file)) ? published.FindFeatures(matrix.Name, file ?? matrix.Name + ".b")
                : MatrixFile.In(folder, matrix.Name, file ?? matrix.Name + ".npy");
        }
    }

    /// <summary>The embedded shop, which is opened for as long as the step runs.</summary>
    public static Input OfSample(int seed, IngestOptions options, EmbeddedShop sample) => new(
        Filtered(options, new JsonObject { ["source"] = "sample", ["seed"] = seed, ["shopVersion"] = sample.Version }),
        new Dictionary<string, string>(),
        async (context, cancellation) =>
        {
            var shop = await sample.OpenAsync(seed, cancellation);
            var fetcher = new Fetcher(FetchPolicy.Of(options).Unpaced, context.Clock, new Dictionary<string, IPEndPoint> { [SampleHost] = shop.Endpoint });
            var edition = Amazon2014.Edition;
            return new OpenInput(new AmazonSource(Served(edition.Reviews), edition.Review, Served(edition.Products), edition.Product), fetcher, shop.Owner);

            FileOpener Served(PublishedFile file) => async token =>
            {
                var name = file.NameFor(sample.Category);
                var path = Path.Combine(context.Output.Unfinished, name);
                await Download.FetchAsync(fetcher, new Uri($"http://{SampleHost}/{name}"), path, null, "since the sample shop is embedded, this is a fault of lmmrec", token);
                return new ReadableFile(path, Temporary: true);
            };
        });

    private static Input OfAmazon(DatasetOptions dataset, IngestOptions options, AmazonFiles files)
    {
        var edition = AmazonEdition.Of(dataset.Source);
        var (published, form) = dataset.From == AmazonInteractions.Reviews ? (edition.Reviews, edition.Review) : (edition.Ratings, edition.Rating);
        var (interactions, products) = (files.Find(published), files.Find(edition.Products));
        return new Input(
            Filtered(options, new JsonObject { ["source"] = dataset.SourceName, ["from"] = ConfigurationBinder.NameOf(dataset.From) }),
            files.Own,
            (context, _) => Task.FromResult(new OpenInput(
                new AmazonSource(ReadableFile.At(interactions), form, ReadableFile.At(products), edition.Product), new Fetcher(FetchPolicy.Of(options), context.Clock))));
    }

    // Neither filtered nor with pictures.
    private static Input OfIndexFolder(string source, IngestOptions options, IReadOnlyDictionary<string, string> files, Func<IDataSource> open) => new(
        new JsonObject { ["source"] = source, ["split"] = options.Split.Recipe },
        files, (_, _) => Task.FromResult(new OpenInput(open())));

    private static Input OfTables(InteractionTableOptions interactions, ItemTableOptions? items, IngestOptions options, string folder) => new(
        Filtered(options, new JsonObject
        {
            ["source"] = "table",
            ["interactions"] = ConfigurationBinder.ToJson(interactions),
            ["items"] = items is null ? null : ConfigurationBinder.ToJson(items),
            ["pictures"] = items?.Images is { } pattern ? new PictureFolder(folder, pattern).Listing : null,
        }),
        InputFile.Of(folder, [.. interactions.Files, .. items?.Files ?? []]).ToDictionary(file => file.Name, file => file.Path),
        (context, _) => Task.FromResult(new OpenInput(new TableSource(folder, interactions, items), items is null ? null : new Fetcher(FetchPolicy.Of(options), context.Clock))));

    private static JsonObject Filtered(IngestOptions options, JsonObject source)
    {
        source["core"] = options.Core;
        source["sample"] = options.Sample;
        source["dropMissingImages"] = options.DropMissingImages;
        source["split"] = options.Split.Recipe;
        source["images"] = options.Images.Recipe;
        return source;
    }
}

/// <summary>Data that are open.</summary>
/// <param name="Source">reads them</param>
/// <param name="Fetcher">fetches their pictures; null where they have none</param>
/// <param name="Owner">closes what they need open beside, such as the embedded shop; null: nothing</param>
internal sealed record OpenInput(IDataSource Source, Fetcher? Fetcher = null, IAsyncDisposable? Owner = null) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        Fetcher?.Dispose();
        if (Owner is not null) await Owner.DisposeAsync();
    }
}
