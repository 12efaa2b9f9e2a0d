using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Encoders.Weights;

namespace LmmRec.Encoders.Folders;

/// <summary>What an import may be pointed at: a folder, a zip file, the address of either, or a name at a hub.</summary>
public static class FolderSource
{
    private const string Zip = ".zip";

    /// <summary>Whether <paramref name="source"/> is one of them.</summary>
    public static bool IsOne(string source) => IsLocal(source) || IsAtHub(source) || AddressOf(source) is not null;

    /// <summary>Whether <paramref name="source"/> lies on this machine.</summary>
    public static bool IsLocal(string source) => Directory.Exists(source) || IsZip(source);

    /// <summary>Why <paramref name="source"/> is none of them; null: it may be the name of a card.</summary>
    public static string? WhyNone(string source)
    {
        if (File.Exists(source))
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(source))!;
            if (Path.GetFileName(folder) == "onnx") folder = Path.GetDirectoryName(folder)!;
            return $"'{source}': is a file; name the model's folder, {folder}{(source.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? $", or draft a card for this one with 'lmmrec models inspect {source}'" : "")}";
        }
        return Path.GetFileName(source) == source ? null : $"'{source}': there is no such folder, and no such zip file";
    }

    /// <summary>A name for the encoder: the folder's, the file's or the model's.</summary>
    public static string NameOf(string source)
    {
        if (IsAtHub(source)) source = source.Split('@')[0];
        else if (AddressOf(source) is { } address) source = address.AbsolutePath.Split("/resolve/")[0];
        else source = Path.GetFullPath(source);
        var name = source.TrimEnd('/', '\\').Split('/', '\\', ':')[^1];
        if (name.EndsWith(Zip, StringComparison.OrdinalIgnoreCase)) name = name[..^Zip.Length];
        return BareFileName.Is(name) ? name : "encoder";
    }

    /// <summary>What a card says that it was made from: a name at a hub, which others can find, or a bare name.</summary>
    internal static string TitleOf(string source) => IsAtHub(source) ? source : NameOf(source);

    /// <summary>Opens it.</summary>
    /// <param name="source">the folder, file, address or name</param>
    /// <param name="hub">the hub of names; null: the source is none of them</param>
    /// <param name="fetched">a folder for what is fetched</param>
    /// <param name="unpacked">a folder for what is unpacked</param>
    /// <param name="download">fetches</param>
    /// <param name="progress">shows how far it is</param>
    /// <param name="cancellation">ends the fetching</param>
    internal static async Task<FolderFiles> OpenAsync(string source, Hub? hub, string fetched, string unpacked, Download download, IProgressSink progress, CancellationToken cancellation)
    {
        const string otherwise = "fetch the file elsewhere and name it";
        var address = IsAtHub(source) && hub is not null ? hub.FolderOf(source) : AddressOf(source);
        if (!IsAtHub(source) && address is not null && hub?.NameOf(address) is { } name) throw new ConfigurationException([$"'{source}': is a page about a model, not its files; name {name}"]);
        if (address is null) return IsZip(source) ? new ZipFiles(source, unpacked) : new LocalFiles(source);
        if (!address.AbsolutePath.EndsWith(Zip, StringComparison.OrdinalIgnoreCase))
        {
            var folder = new UriBuilder(address);
            folder.Path = folder.Path.TrimEnd('/') + "/";
            return new RemoteFiles(folder.Uri, fetched, download, progress);
        }
        var file = Path.Combine(fetched, $"fetched{Zip}");
        await download.FetchAsync(address, file, null, otherwise, progress, cancellation);
        try
        {
            return new ZipFiles(file, unpacked);
        }
        catch (InvalidInputException)
        {
            Forget(fetched);
            throw;
        }
    }

    /// <summary>Deletes what was fetched, and the folder around it where nothing else is in it.</summary>
    internal static void Forget(string fetched)
    {
        if (!Directory.Exists(fetched)) return;
        Directory.Delete(fetched, recursive: true);
        var target = Path.GetDirectoryName(Path.GetFullPath(fetched))!;
        if (!Directory.EnumerateFileSystemEntries(target).Any()) Directory.Delete(target);
    }

    private static bool IsAtHub(string source) => source.StartsWith(Hub.Scheme, StringComparison.Ordinal);

    private static bool IsZip(string source) => File.Exists(source) && source.EndsWith(Zip, StringComparison.OrdinalIgnoreCase);

    private static Uri? AddressOf(string source) => Uri.TryCreate(source, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;
}
