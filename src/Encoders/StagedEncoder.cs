using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;

namespace LmmRec.Encoders;

/// <summary>
/// An encoder that is being written, in <c>target~writing</c>: it takes its place when all of it is there and has proved itself. Until then an earlier
/// one stays as it is, and what failed leaves nothing.
/// </summary>
internal sealed class StagedEncoder : IDisposable
{
    private readonly string _target;

    /// <summary>Begins with an empty folder; what a killed process left in it is deleted.</summary>
    public StagedEncoder(string target)
    {
        _target = Path.TrimEndingDirectorySeparator(target);
        Folder = _target + ArtifactWriter.Writing;
        Dispose();
        Directory.CreateDirectory(Folder);
    }

    /// <summary>Where to write: card, graphs and all that belongs to them, under the names that they will have in the target.</summary>
    public string Folder { get; }

    /// <summary>Whether <paramref name="folder"/> is one that a killed process left.</summary>
    public static bool Is(string folder) => folder.EndsWith(ArtifactWriter.Writing, StringComparison.Ordinal);

    /// <summary>
    /// Moves all files to the target. It has none of the card's graphs until everything else is there, so that a killed process leaves no mixture of two
    /// encoders that runs.
    /// </summary>
    public void Publish(EncoderCard card)
    {
        var graphs = OnnxArchitecture.Of(card).Towers.Select(tower => Path.GetFullPath(Path.Combine(Folder, tower.File))).ToHashSet(StringComparer.Ordinal);
        var files = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(Path.GetFullPath).Order(StringComparer.Ordinal).ToList();
        files.ForEach(FileSystem.Flush);
        foreach (var graph in graphs) File.Delete(InTarget(graph));
        foreach (var file in files.OrderBy(file => Path.GetRelativePath(Folder, file) == EncoderCard.FileName ? 0 : graphs.Contains(file) ? 2 : 1))
            File.Move(file, InTarget(file), overwrite: true);
        FileSystem.Flush(_target);

        string InTarget(string file) => CardFiles.PathIn(_target, Path.GetRelativePath(Folder, file));
    }

    /// <summary>Takes the folder away, with what was not published.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }
}
