using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>The two tables of vectors that are a trained model, in the order of ingest's users and items.</summary>
/// <param name="Users">a vector of every user</param>
/// <param name="Items">a vector of every item that the case did not drop</param>
/// <param name="HasItem">which of ingest's items these are</param>
internal sealed record TrainedModel(Vectors Users, Vectors Items, IReadOnlyList<bool> HasItem)
{
    /// <summary>The case of a trained model.</summary>
    /// <param name="name">name of the case</param>
    /// <param name="folder">the model's artifact</param>
    public static CaseSource Case(string name, string folder) => new(name, async (data, cancellation) =>
    {
        var description = CaseDescription.Of(name, folder, Manifest.Read(folder));
        var model = await ReadAsync(description, folder, data, cancellation);
        return new OpenedCase(description, (users, k, threads, stop) => model.Rank(description, data, users, k, threads, stop));
    })
    { Inputs = new Dictionary<string, string> { [$"models/{name}"] = folder } };

    /// <summary>Reads the tables of a case and brings them into ingest's order by the own ids, whatever the order of their rows.</summary>
    /// <exception cref="InvalidInputException">Users or items are not the same as ingest's, or vectors differ in length.</exception>
    public static async Task<TrainedModel> ReadAsync(CaseDescription description, string folder, HeldOutData data, CancellationToken cancellation)
    {
        var name = description.Name;
        var users = new Table(name, folder, data.Users);
        await foreach (var row in TableFile.StreamFolderAsync<UserVectorRow>(folder, cancellation: cancellation)) users.Add(row.UserId, row.Vector);
        var items = new Table(name, folder, data.Items);
        await foreach (var row in TableFile.StreamFolderAsync<ItemVectorRow>(folder, cancellation: cancellation)) items.Add(row.ItemId, row.Vector);
        var model = new TrainedModel(users.Finish(dropped: 0), items.Finish(description.ItemsDropped), items.Found);
        if (model.Users.Dimension != model.Items.Dimension)
            throw new InvalidInputException(
                $"case '{name}' ({folder}): vectors of users have {model.Users.Dimension} values and those of items {model.Items.Dimension}; "
                + "they must agree, run train again");
        return model;
    }

    private RankedLists Rank(CaseDescription description, HeldOutData data, IReadOnlyList<int> users, int k, int threads, CancellationToken cancellation)
    {
        int[] items = [.. HasItem.Index().Where(item => item.Item).Select(item => item.Index)]; // ingest's index of each vector
        var training = items.Length == HasItem.Count ? data[Splits.Train] : data[Splits.Train].Renumbered(HasItem);
        try
        {
            return AllRankProtocol.Rank(Users, Items, training, users, k, threads, cancellation, items);
        }
        catch (InvalidVectorException e)
        {
            var (ids, index) = e.Owner == VectorOwner.User ? (data.Users, e.Index) : (data.Items, items[e.Index]);
            throw new InvalidInputException(
                $"case '{description.Name}': the vector of {ids.Kind} '{ids.Ids[index]}' {e.Fault}; scores need finite numbers: the training "
                + "diverged, lower its learning rate and run train again", e);
        }
    }

    /// <summary>The vectors of one kind as they come in.</summary>
    private sealed class Table(string name, string folder, IdIndex ids)
    {
        private readonly bool[] _found = new bool[ids.Count];
        private float[] _values = [];
        private int _dimension;

        /// <summary>Which ids have a vector.</summary>
        public IReadOnlyList<bool> Found => _found;

        public void Add(string id, float[] vector)
        {
            if (_dimension == 0)
            {
                _dimension = vector.Length;
                _values = new float[(long)ids.Count * _dimension]; // [ids, D]
            }
            if (vector.Length != _dimension || _dimension == 0)
                throw Wrong($"the vector of {ids.Kind} '{id}' has {vector.Length} values, that of the first {ids.Kind} {_dimension}; "
                    + "all must have the same number, at least 1");
            var index = ids.Find(id);
            if (index < 0) throw Wrong($"{ids.Kind} '{id}' is not in {ids.Folder}; the case was trained on other data");
            if (_found[index]) throw Wrong($"{ids.Kind} '{id}' is there twice");
            _found[index] = true;
            vector.CopyTo(_values, (long)index * _dimension);
        }

        /// <summary>The vectors that are there.</summary>
        /// <param name="dropped">how many ids may have none</param>
        public Vectors Finish(int dropped)
        {
            var missing = _found.Count(found => !found);
            if (missing == dropped) return new Vectors(WithoutGaps(), _dimension);
            var example = missing > 0 ? $", such as '{ids.Ids[Array.IndexOf(_found, false)]}'" : "";
            var expected = dropped > 0 ? $", and its manifest says that it dropped {dropped}" : "";
            throw Wrong($"there is no vector for {missing} of the {ids.Count} {ids.Kind}s of {ids.Folder}{example}{expected}; the case was trained on other data");
        }

        private ReadOnlyMemory<float> WithoutGaps()
        {
            var rows = 0;
            for (var row = 0; row < ids.Count; row++)
                if (_found[row]) _values.AsSpan(row * _dimension, _dimension).CopyTo(_values.AsSpan(rows++ * _dimension));
            return _values.AsMemory(0, rows * _dimension);
        }

        private InvalidInputException Wrong(string fault) => new($"case '{name}' ({folder}): {fault}; run train again");
    }
}
