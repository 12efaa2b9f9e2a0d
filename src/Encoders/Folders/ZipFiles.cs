using System.IO.Compression;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Folders;

/// <summary>A folder in a zip file. Only what is asked for is unpacked.</summary>
internal sealed class ZipFiles : FolderFiles, IDisposable
{
    // What compresses better than this is no settings and no weights: a small file that would fill the disk.
    private const int MostRatio = 200;
    private const long Small = 64 << 20; // bytes that fill no disk

    private readonly string _path;
    private readonly string _unpacked;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Opens <paramref name="path"/>.</summary>
    /// <param name="path">the zip file</param>
    /// <param name="unpacked">a folder for what is unpacked; it is deleted in the end</param>
    /// <exception cref="InvalidInputException">It is no zip file, is encrypted, or names files outside of it.</exception>
    public ZipFiles(string path, string unpacked)
    {
        (_path, _unpacked) = (path, unpacked);
        if (Directory.Exists(unpacked)) Directory.Delete(unpacked, recursive: true); // an import that was killed left it
        try
        {
            _zip = ZipFile.OpenRead(path);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException($"{path}: is no zip file, or a damaged one: {e.Message}", e);
        }
        try
        {
            foreach (var (name, entry) in _zip.Entries.Select(entry => (NameOf(entry), entry)).Where(e => !e.Item1.EndsWith('/') && !IsFinders(e.Item1)))
            {
                if (IsOutside(name)) throw new InvalidInputException($"{path}: holds '{entry.FullName}', which would be unpacked outside of its folder; nothing was unpacked");
                if (!_entries.TryAdd(name, entry)) throw new InvalidInputException($"{path}: holds '{entry.FullName}' twice; nothing was unpacked");
            }
            Root = RootOf(_entries.Keys) ?? throw new InvalidInputException($"{path}: holds several folders with a config.json: {string.Join(", ", RootsOf(_entries.Keys))}; unpack it and name one of them");
        }
        catch
        {
            _zip.Dispose();
            throw;
        }
        Names = [.. _entries.Keys.Where(name => name.StartsWith(Root, StringComparison.Ordinal)).Select(name => name[Root.Length..]).Order(StringComparer.Ordinal)];
    }

    public override string Name => Root.Length > 0 ? $"{_path}, {Root}" : _path;

    public override IReadOnlyList<string> Names { get; }

    // The encoder's folder, with '/' behind it: many tools pack the folder itself, and more beside it.
    private string Root { get; }

    public void Dispose()
    {
        _zip.Dispose();
        if (Directory.Exists(_unpacked)) Directory.Delete(_unpacked, recursive: true);
    }

    protected override async Task<string?> BringAsync(string name, CancellationToken cancellation)
    {
        if (!_entries.TryGetValue(Root + name, out var entry)) return null;
        var target = Path.Combine(_unpacked, name);
        if (File.Exists(target)) return target;
        if (entry.IsEncrypted) throw new InvalidInputException($"{_path}: '{entry.FullName}' is encrypted; unpack the file with its password and name the folder");
        if (entry.Length > Small && entry.Length / MostRatio > entry.CompressedLength)
            throw new InvalidInputException($"{_path}: '{entry.FullName}' would become {entry.Length:N0} bytes from {entry.CompressedLength:N0}, which no encoder's file does; it was not unpacked");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        try
        {
            await entry.ExtractToFileAsync(target + ".part", overwrite: true, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException($"{_path}: '{entry.FullName}' is damaged: {e.Message}", e);
        }
        File.Move(target + ".part", target);
        return target;
    }

    // Windows' tools write '\\' between folders, others a leading "./".
    private static string NameOf(ZipArchiveEntry entry) => string.Join('/', entry.FullName.Replace('\\', '/').Split('/').Where(part => part != "."));

    private static bool IsOutside(string name) => name.StartsWith('/') || name is [_, ':', ..] || name.Split('/').Contains("..");

    // What macOS packs besides.
    private static bool IsFinders(string name) => name.StartsWith("__MACOSX/", StringComparison.Ordinal) || name.Split('/')[^1] == ".DS_Store";

    // Null: there are several.
    private static string? RootOf(IReadOnlyCollection<string> names) => RootsOf(names) switch
    {
        [] => "",
        [var only] => only,
        _ => null,
    };

    // The folders above all others that hold a config.json; parts of an encoder, such as 1_Pooling, have one, too.
    private static List<string> RootsOf(IEnumerable<string> names) =>
        names.Where(name => name.Split('/')[^1] is "config.json" or "model_index.json").Select(name => name[..(name.LastIndexOf('/') + 1)])
            .GroupBy(folder => folder.Count(c => c == '/')).MinBy(depth => depth.Key)?.Distinct().Order(StringComparer.Ordinal).ToList() ?? [];
}
