using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace LmmRec.MachineLearning;

/// <summary>Adds an encoder's vectors to a table. There is nothing to learn: weights come from the encoder.</summary>
/// <typeparam name="TInput">a class with the input as its one property</typeparam>
internal sealed class EncoderEstimator<TInput>(TransformsCatalog transforms, string output, string source, EncodedColumn column) : IEstimator<ITransformer> where TInput : class, new()
{
    // ML.NET keeps the making of such shapes to itself; its own mapping from the same input to the same output has the one that is wanted, and checks the input.
    private readonly CustomMappingEstimator<TInput, Vector> _shape = transforms.CustomMapping<TInput, Vector>((_, _) => { }, null,
        Named(SchemaDefinition.Create(typeof(TInput)), source),
        Named(SchemaDefinition.Create(typeof(Vector)), output, new VectorDataViewType(NumberDataViewType.Single, column.Width)));

    public ITransformer Fit(IDataView input)
    {
        var transformer = new EncoderTransformer(output, source, column);
        _ = transformer.GetOutputSchema(input.Schema); // refuses what it cannot read
        return transformer;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _shape.GetOutputSchema(inputSchema);

    private static SchemaDefinition Named(SchemaDefinition definition, string name, DataViewType? type = null)
    {
        definition[0].ColumnName = name;
        if (type is not null) definition[0].ColumnType = type;
        return definition;
    }

    private sealed class Vector
    {
        public float[] Value { get; set; } = [];
    }
}

/// <summary>The table with an encoder's vectors as a column more.</summary>
internal sealed class EncoderTransformer(string output, string input, EncodedColumn column) : ITransformer
{
    /// <summary>False: rows are encoded many at a time, so they come from a table and not one by one.</summary>
    public bool IsRowToRowMapper => false;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        if (inputSchema.GetColumnOrNull(input) is not { } source) throw new ArgumentException($"there is no column '{input}'; there are {string.Join(", ", inputSchema.Select(c => c.Name))}", nameof(inputSchema));
        if (source.Type.RawType != column.Input)
            throw new ArgumentException($"column '{input}' is {source.Type}; pictures are encoded from a vector of Byte, the file as it is, and texts from a String", nameof(inputSchema));
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(inputSchema);
        schema.AddColumn(output, new VectorDataViewType(NumberDataViewType.Single, column.Width));
        return schema.ToSchema();
    }

    public IDataView Transform(IDataView table) => new EncodedView(table, table.Schema[input], GetOutputSchema(table.Schema), column);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException("an encoder takes rows many at a time; put the row into an IDataView");

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        throw new NotSupportedException("an encoder is a folder with files of its own and is not saved in a model; save what comes after it, and put the encoder before that again");
}
