import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiFailure } from '../api/create-api-client.ts';
import { App } from './app.tsx';
import './styles.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Changes say when something is to be read again.
      staleTime: 10_000,
      // What was refused or is not there is so the next time as well.
      retry: (count, error) => count < 3 && !(error instanceof ApiFailure && error.status >= 400 && error.status < 500),
    },
  },
});

const place = document.querySelector('#console');
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
