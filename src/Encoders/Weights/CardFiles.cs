using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Folders;
using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Weights;

/// <summary>The files that a card names beside its weights: a vocabulary, means per pixel.</summary>
internal static class CardFiles
{
    /// <summary>Those that lie in the card's folder, by their names in it.</summary>
    /// <exception cref="InvalidInputException">One stands for another file.</exception>
    public static IReadOnlyDictionary<string, string> In(EncoderCard card, string folder) => new[] { card.Text?.File, card.Image?.MeanImage }.OfType<string>()
        .Select(name => (Name: name, Path: Find(name, [folder]))).Where(f => f.Path is not null).ToDictionary(f => f.Name, f => f.Path!);

    /// <summary>All of them, by their names: the card's, those beside a file of weights, or those of an earlier import; only else they are fetched.</summary>
    /// <param name="card">the card</param>
    /// <param name="folder">its folder</param>
    /// <param name="weights">the file of weights, if there is one</param>
    /// <param name="target">where fetched ones go</param>
    /// <param name="files">fetches</param>
    /// <param name="cancellation">ends the fetching</param>
    /// <exception cref="InvalidInputException">One is nowhere.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> BringAsync(EncoderCard card, string folder, string? weights, string target, SourceFiles files, CancellationToken cancellation)
    {
        var found = new Dictionary<string, string>();
        if (card.Text is { } text) await BringAsync("vocabulary", text.File, text.Source, (file, _, path) => File.Move(file, path, overwrite: true));
        if (card.Image is { MeanImage: { } means } image) await BringAsync("means per pixel", means, image.MeanImageSource, (file, shown, path) => Normalisation.WriteMeanImage(image, file, shown, path));
        return found;

        async Task BringAsync(string what, string name, IReadOnlyList<FileSource> sources, Action<string, string, string> write)
        {
            if (Find(name, [folder, File.Exists(weights) ? Path.GetDirectoryName(Path.GetFullPath(weights)) : null, target]) is { } there)
            {
                found[name] = there;
                return;
            }
            var otherwise = $"put the {what} {name} into {folder} or beside the file of weights";
            if (sources.Count == 0) throw new InvalidInputException($"{folder}: there is no file {name} ({what}) and the card names no source of it; {otherwise}");
            found[name] = await files.FirstAsync(sources, otherwise, (file, shown) =>
            {
                var path = Path.Combine(target, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                write(file, shown, path);
                return path;
            }, cancellation);
        }
    }

    /// <summary>Where the file <paramref name="name"/> of a card goes in <paramref name="target"/>, in a folder that is there.</summary>
    public static string PathIn(string target, string name)
    {
        var path = Path.GetFullPath(Path.Combine(target, name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Copies a file to its name in <paramref name="target"/>, unless it lies there.</summary>
    public static void Copy(string path, string target, string name)
    {
        var (source, copy) = (Path.GetFullPath(path), PathIn(target, name));
        if (source != copy) File.Copy(source, copy, overwrite: true);
    }

    /// <summary>The file <paramref name="name"/> in the first of some folders that has it; null: none has.</summary>
    /// <exception cref="InvalidInputException">It stands for another file.</exception>
    public static string? Find(string name, IEnumerable<string?> folders)
    {
        var file = folders.OfType<string>().Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
        if (file is not null) StandIn.Refuse(file);
        return file;
    }

    /// <summary>Writes the card of the encoder in <paramref name="folder"/> into <paramref name="target"/>, with some of its values changed.</summary>
    public static void WriteCard(string folder, string target, Action<JsonObject> change)
    {
        var card = ConfigurationFile.Parse(File.ReadAllText(Path.Combine(folder, EncoderCard.FileName)), folder);
        change(card);
        FileSystem.WriteAtomically(PathIn(target, EncoderCard.FileName), stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(card, Settings.Readable)));
    }
}
