using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Matrices;

namespace LmmRec.Ingest.Sources.Amazon;

/// <summary>Finds the files of a category: those that lie in the data folder, plain or packed, are read there; a step of its own fetches each of the others.</summary>
/// <param name="dataset">the edition, the category, and where others than the public files are</param>
/// <param name="policy">how they are fetched</param>
/// <param name="folder">the data folder</param>
/// <param name="downloads">the folder of the artifacts that the steps make</param>
internal sealed class AmazonFiles(DatasetOptions dataset, FetchPolicy policy, string folder, string downloads)
{
    private static readonly PublishedFile Features = new("https://snap.stanford.edu/data/amazon/productGraph/image_features/categoryFiles/", "image_features_{0}.b");

    private readonly Dictionary<string, string> _own = [];
    private readonly List<Step> _steps = [];

    /// <summary>The files that lie in the data folder, by name.</summary>
    public IReadOnlyDictionary<string, string> Own => _own;

    /// <summary>The steps that fetch the others.</summary>
    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>Where a file is when the steps have run.</summary>
    public string Find(PublishedFile file)
    {
        var name = file.NameFor(dataset.Category!);
        if (Lying(name) is { } path)
        {
            _own[Path.GetFileName(path)] = path;
            return path;
        }
        return Fetched(file, "plain or packed");
    }

    /// <summary>Whether <paramref name="file"/> is the visual features of the category.</summary>
    public bool IsFeatures(string file) => file == Features.NameFor(dataset.Category!);

    /// <summary>Where the visual features of the category are, which an encoder wants by the name of their file.</summary>
    /// <param name="encoder">the encoder's name</param>
    /// <param name="wanted">the file that it names, or else is named by</param>
    /// <exception cref="InvalidInputException">It wants another, or the edition has none and they do not lie in the data folder.</exception>
    public MatrixFile FindFeatures(string encoder, string wanted)
    {
        var file = Features.NameFor(dataset.Category!);
        if (!IsFeatures(wanted))
            throw new InvalidInputException($"the encoder '{encoder}' has neither card nor file, so it is a feature matrix of this name, and {dataset.SourceName} has none but {file}; name it so, or give the encoder a card or a file");
        // Read by record, so not packed.
        if (Path.Combine(folder, file) is var path && File.Exists(path)) return new MatrixFile(encoder, file, path);
        if (dataset.Source != DatasetSource.Amazon2014)
            throw new InvalidInputException($"{path}: there is no such file, and only the edition of 2014 is known to publish one");
        return new MatrixFile(encoder, file, Fetched(Features, "not packed"), IsFetched: true);
    }

    private string Fetched(PublishedFile file, string form)
    {
        var name = file.NameFor(dataset.Category!);
        var url = new Uri($"{dataset.Mirror?.TrimEnd('/') ?? file.Folder.TrimEnd('/')}/{name}");
        var remedy = $"or put {name}, {form}, into the folder that --data names";
        var step = Download.Of(name, url, dataset.SourceName, downloads, policy, remedy);
        if (!_steps.Exists(other => other.Folder == step.Folder)) _steps.Add(step); // two encoders may want the same file
        return Path.Combine(step.Folder, name);
    }

    private string? Lying(string name)
    {
        var plain = name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name;
        return new[] { plain, plain + ".gz", plain + ".zst" }.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists);
    }
}
