using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Ingest.Http;

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
        var url = new Uri($"{dataset.Mirror?.TrimEnd('/') ?? file.Folder.TrimEnd('/')}/{name}");
        var step = Download.Of(name, url, dataset.SourceName, downloads, policy, $"or put {name}, plain or packed, into the folder that --data names");
        _steps.Add(step);
        return Path.Combine(step.Folder, name);
    }

    /// <summary>Where the matrices of the category are that encoders name.</summary>
    /// <exception cref="InvalidInputException">One is none of Amazon's, or the edition has none and it does not lie in the data folder.</exception>
    public IReadOnlyList<string> FindFeatures(IReadOnlyList<string> names)
    {
        var file = Features.NameFor(dataset.Category!);
        if (names.FirstOrDefault(name => name + ".b" != file) is { } other)
            throw new InvalidInputException($"the encoder '{other}' has no card, so it is a feature matrix of this name, and {dataset.SourceName} has none but {file}; name it so, or give the encoder a card");
        if (names.Count > 0 && dataset.Source != DatasetSource.Amazon2014 && Lying(file) is null)
            throw new InvalidInputException($"{Path.Combine(folder, file)}: there is no such file, and only the edition of 2014 is known to publish one");
        return [.. names.Select(_ => Find(Features))];
    }

    private string? Lying(string name)
    {
        var plain = name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name;
        return new[] { plain, plain + ".gz", plain + ".zst" }.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists);
    }
}
