using System.IO.Compression;
using LmmRec.Artifacts.Store;

namespace LmmRec.Encoders.Text;

/// <summary>Reads a vocabulary's lines, compressed or not.</summary>
public static class VocabularyFile
{
    /// <summary>The lines of <paramref name="path"/> as UTF-8, parted by line feeds, or all of them by Windows' line ends; with the ending .gz it is decompressed.</summary>
    /// <exception cref="LmmRec.Artifacts.InvalidInputException">The file stands for another.</exception>
    public static IReadOnlyList<string> ReadLines(string path)
    {
        StandIn.Refuse(path);
        using Stream file = File.OpenRead(path);
        using var content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        var lines = reader.ReadToEnd().TrimEnd('\n').Split('\n'); // symbols of a vocabulary may be what other readers take for the end of a line
        return lines.Length > 1 && lines.SkipLast(1).All(line => line.EndsWith('\r')) ? Array.ConvertAll(lines, line => line.TrimEnd('\r')) : lines;
    }
}
