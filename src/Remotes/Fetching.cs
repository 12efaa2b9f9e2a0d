using System.Collections.Concurrent;
using System.Security.Cryptography;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes;

/// <summary>Brings objects to where an artifact is put together: from an artifact that is here and has the same file, else from the remote. A file's hash is checked before the file takes its name.</summary>
internal sealed class Fetching
{
    private const int Piece = 1 << 18; // bytes that are in memory per file
    private const int Attempts = 3;

    private readonly IRemote _remote;
    private readonly Tally _tally;
    private readonly ConcurrentDictionary<string, string> _here = new(); // a file of each hash

    public Fetching(IRemote remote, IEnumerable<LocalArtifact> artifacts, Tally tally)
    {
        (_remote, _tally) = (remote, tally);
        foreach (var artifact in artifacts) Knows(artifact);
    }

    /// <summary>Files of <paramref name="artifact"/> need not be fetched any more.</summary>
    public void Knows(LocalArtifact artifact)
    {
        foreach (var (name, file) in artifact.Manifest.Files) _here[file.Sha256] = Path.Combine(artifact.Folder, name);
    }

    /// <summary>Brings one object.</summary>
    /// <param name="sha256">its hash</param>
    /// <param name="bytes">its size</param>
    /// <param name="folder">where it goes; what an earlier attempt brought lies there</param>
    /// <param name="names">the names that it is to have below the folder</param>
    /// <param name="cancellation">ends it; what has come stays</param>
    /// <exception cref="InvalidInputException">It is missing or damaged at the remote, or the remote cannot be read.</exception>
    public async Task BringAsync(string sha256, long bytes, string folder, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var missing = names.Select(name => Path.Combine(folder, name)).Where(path => !File.Exists(path)).ToList();
        if (missing.Count == 0)
        {
            _tally.WasThere(bytes);
            return;
        }
        var path = Path.Combine(folder, $"~{sha256}");
        Directory.CreateDirectory(folder);
        if (await CopyAsync(sha256, bytes, path, cancellation)) _tally.WasThere(bytes);
        else
        {
            await FetchAsync(sha256, bytes, path, cancellation);
            _tally.Arrived();
        }
        FileSystem.Flush(path);
        foreach (var file in missing) Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        foreach (var copy in missing.Skip(1)) File.Copy(path, copy, overwrite: true);
        File.Move(path, missing[0], overwrite: true);
    }

    private async Task<bool> CopyAsync(string sha256, long bytes, string path, CancellationToken cancellation)
    {
        if (!_here.TryGetValue(sha256, out var here) || !File.Exists(here) || new FileInfo(here).Length != bytes) return false;
        File.Copy(here, path, overwrite: true);
        if (await Hashing.OfFileAsync(path, cancellation) == sha256) return true;
        File.Delete(path); // the one here is damaged, as 'verify' will say
        return false;
    }

    private async Task FetchAsync(string sha256, long bytes, string path, CancellationToken cancellation)
    {
        var name = Layout.ObjectOf(sha256);
        string? wrong = null;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (hash, from) = await ReadOnAsync(name, bytes, path, cancellation);
            if (hash == sha256) return;
            File.Delete(path);
            // What an earlier attempt left, or the way here, may be to blame: the remote is when it sends the same twice.
            if (from == 0 && hash == wrong) throw await Damage.TakeAwayAsync(_remote, name, hash, cancellation);
            if (from == 0) wrong = hash;
        }
        throw new InvalidInputException($"{_remote.Address}: {name} came {Attempts} times and was never the file that its name says; look for what changes it on its way, such as a proxy, then run the same command again");
    }

    // Goes on where the file at the path ends, and gives the hash of it all.
    private async Task<(string Hash, long From)> ReadOnAsync(string name, long bytes, string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        if (file.Length > bytes) file.SetLength(0);
        var from = file.Length;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Math.Min(Piece, bytes + 1)];
        while (await file.ReadAsync(buffer, cancellation) is > 0 and var count) hash.AppendData(buffer, 0, count);
        if (from < bytes)
        {
            await using var content = await _remote.AskAsync($"fetching {name}", () => _remote.ReadAsync(name, from, cancellation))
                ?? throw new InvalidInputException($"{_remote.Address}: {name} is not there; push again from where it is whole, then run the same command again");
            // A byte too many is damage as well; more of them would fill the disk.
            while (file.Length <= bytes && await NextAsync(content, buffer, name, cancellation) is > 0 and var count)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), CancellationToken.None); // what has arrived stays, also where another file's failure ends this one
                _tally.Travelled(count);
            }
        }
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), from);
    }

    private Task<int> NextAsync(Stream content, byte[] buffer, string name, CancellationToken cancellation) =>
        _remote.AskAsync($"fetching {name}", async () => await content.ReadAsync(buffer, cancellation));
}
