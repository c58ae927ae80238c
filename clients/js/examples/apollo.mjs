// Apollo Server 5 or 4, by itself.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { ForbiddenError, init, setUser } from 'log-center';
import { formatError, logCenterPlugin } from 'log-center/apollo';

init({ project: 'apollo_shop' });

const total = (order) => order.lines.reduce((sum, line) => sum + line.price, 0);

const server = new ApolloServer({
  typeDefs: `
    type Order { id: ID, total(currency: String): Int }
    type Query { order(id: ID!): Order, secret: String, shop: String }
  `,
  resolvers: {
    Query: {
      order: (_root, { id }) => ({ id, lines: undefined }),
      secret() {
        throw new ForbiddenError('not for you');
      },
      shop: () => 'open',
    },
    Order: { total: (order) => total(order) },
  },
  plugins: [logCenterPlugin()],
  formatError,
});

const context = async ({ req }) => setUser({ id: req.headers['x-user'] });
const { url } = await startStandaloneServer(server, { listen: { port: 0 }, context });
console.log(url);
